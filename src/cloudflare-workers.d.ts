/** The part of the platform's module that the Workers entry uses. */
declare module 'cloudflare:workers' {
  export const env: Readonly<Record<string, unknown>>;
}
