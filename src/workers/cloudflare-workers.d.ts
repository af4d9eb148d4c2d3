/** The part of the platform's module that the Workers entry uses. */
declare module 'cloudflare:workers' {
  export function waitUntil(work: Promise<unknown>): void;
  export const env: Readonly<Record<string, unknown>>;
}
