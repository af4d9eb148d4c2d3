/** The scopes: what a token can allow. */

export const scopes = ['recordings:read', 'recordings:delete', 'uploads:write'] as const;

export type Scope = (typeof scopes)[number];

export function isScope(name: unknown): name is Scope {
  return (scopes as readonly unknown[]).includes(name);
}
