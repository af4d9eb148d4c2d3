/** Formats of a variable's value; each error text describes the format and never shows the value. */
import { z } from '@hono/zod-openapi';

/** Reports an error of `parse`, whose message must not show the value, as a mistake in the variable. */
export function parsedBy<Value>(parse: (text: string) => Value) {
  return (text: string, context: z.RefinementCtx): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: error instanceof Error ? error.message : 'cannot be read',
      });
      return z.NEVER;
    }
  };
}

export function headerName() {
  return z.string().regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header, such as X-Forwarded-For');
}

export function hostName() {
  return z.string().regex(/^[\w.:%-]+$/, 'must be an address or host name, such as 127.0.0.1');
}

/** A key for S3. */
export function printable() {
  return z.string().regex(/^[\w+/=.-]+$/, 'has characters that no such key has');
}

export function wholeNumber(minimum: number, maximum: number) {
  const range = `must be a whole number from ${minimum} to ${maximum}`;
  return z.coerce.number({ error: range }).int(range).min(minimum, range).max(maximum, range);
}

/** `on` or `off`. */
export function onOrOff() {
  return z.enum(['on', 'off'], { error: 'must be on or off' });
}

export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
