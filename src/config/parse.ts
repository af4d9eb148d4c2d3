/** Reads variables by a schema and reports every mistake. */
import type { z } from '@hono/zod-openapi';

/** Reports all mistakes at once, by variable and never by value: a value may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, unknown>>;

/** An empty variable counts as absent. Throws ConfigError. */
export function parseVariables<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(({ path: [name = ''], message }) =>
    name in present ? `${String(name)} ${message}` : `${String(name)} is required`,
  );
  throw new ConfigError([...new Set(mistakes)].join('\n'));
}
