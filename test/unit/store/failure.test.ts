/** A store's failure in a log line: its name, status and code, without text that could hold a key or a path. */
import { expect, test } from 'vitest';
import { describeCause } from '../../../src/store/failure.ts';

const coded = (code: unknown) => Object.assign(new Error('open /home/customer/data'), { code });

test.each([
  [coded('ENOSPC'), 'Error ENOSPC'],
  [Object.assign(coded('SlowDown'), { name: 'S3Error', status: 503 }), 'S3Error 503 SlowDown'],
  [Object.assign(coded(''), { name: 'S3Error', status: 502 }), 'S3Error 502'],
  [Object.assign(coded('ERR_SQLITE_ERROR'), { errcode: 13 }), 'Error ERR_SQLITE_ERROR 13'],
  [coded('a secret with spaces'), 'Error'],
  [coded({}), 'Error'],
  [new DOMException('late', 'TimeoutError'), 'TimeoutError'],
  [new TypeError('secret'), 'TypeError'],
  ['secret', 'unknown'],
  [undefined, 'unknown'],
])('%o is %s', (cause, text) => {
  expect(describeCause(cause)).toBe(text);
});
