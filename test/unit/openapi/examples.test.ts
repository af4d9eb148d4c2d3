/** Examples that tools send automatically must not break a valid request. */
import { expect, test } from 'vitest';
import document from '../../../openapi/openapi.json' with { type: 'json' };

interface Parameter {
  readonly name: string;
  readonly example?: unknown;
  readonly schema: object;
}

const operations = Object.values(document.paths).flatMap((path) => Object.values(path) as object[]);
const parameters = operations.flatMap((operation) =>
  'parameters' in operation ? (operation.parameters as Parameter[]) : [],
);
const hasExample = ({ example, schema }: Parameter) => example !== undefined || 'example' in schema;

test.each([
  { name: 'limit', sent: true },
  // Only the gateway can create one.
  { name: 'cursor', sent: false },
  { name: 'token', sent: false },
  // Each upload needs its own, and a gateway without a store rejects all.
  { name: 'Idempotency-Key', sent: false },
])('the parameter $name has an example: $sent', ({ name, sent }) => {
  const found = parameters.filter((parameter) => parameter.name === name);
  expect(found.length).toBeGreaterThan(0);
  expect(found.map(hasExample)).toEqual(found.map(() => sent));
});
