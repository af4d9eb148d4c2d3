/** The scopes that a token can grant. */

export const scopes = [
  'recordings:read',
  'recordings:delete',
  'uploads:write',
  'exports:read',
  'exports:write',
] as const;

export const scopeDescriptions: Readonly<Record<Scope, string>> = {
  'recordings:read': 'List recordings and get their audio.',
  'recordings:delete': 'Delete recordings.',
  'uploads:write': 'Upload audio.',
  'exports:read': 'Follow exports and get their manifests.',
  'exports:write': 'Create, pause, resume, cancel and retry exports.',
};

export type Scope = (typeof scopes)[number];

export function isScope(name: unknown): name is Scope {
  return (scopes as readonly unknown[]).includes(name);
}
