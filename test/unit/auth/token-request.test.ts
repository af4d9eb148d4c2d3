/** Token requests: the client-credentials grant as clients send it, and RFC 6749's error codes for other requests. */
import { describe, expect, it } from 'vitest';
import { parseTokenRequest, TokenRequestError } from '../../../src/auth/token-request.ts';

const inForm = 'grant_type=client_credentials&client_id=foofoofoo&client_secret=foobarfoo';
const basic = (user: string, password: string) => `Basic ${btoa(`${user}:${password}`)}`;
const credentials = { accessKey: 'foofoofoo', secretAccessKey: 'foobarfoo' };

describe('a token request', () => {
  it.each([
    ['keys in the form', null, inForm, {}],
    ['keys by Basic', basic('foofoofoo', 'foobarfoo'), 'grant_type=client_credentials', {}],
    [
      'its client_id twice, as some libraries do',
      basic('foofoofoo', 'foobarfoo'),
      'grant_type=client_credentials&client_id=foofoofoo',
      {},
    ],
    ['one scope', null, `${inForm}&scope=uploads:write`, { scopes: ['uploads:write'] }],
    [
      "scopes in the gateway's order, once each",
      null,
      `${inForm}&scope=uploads%3Awrite+recordings:read+uploads:write`,
      { scopes: ['uploads:write', 'recordings:read'] },
    ],
    ['an empty scope, which counts as omitted', null, `${inForm}&scope=`, {}],
    ['the shortest lifetime', null, `${inForm}&expires_in=60`, { expiresIn: 60 }],
    ['the longest lifetime', null, `${inForm}&expires_in=86400`, { expiresIn: 86_400 }],
    ['unknown parameters', null, `${inForm}&audience=x&&resource=y`, {}],
  ])('with %s gets its scopes', (_, authorization, body, asked) => {
    const expected = { credentials, scopes: ['recordings:read'], narrowing: null, expiresIn: 3600, ...asked };
    expect(parseTokenRequest({ authorization, body })).toEqual(expected);
  });

  it.each([
    ['encoded, as section 2.3.1 has it', basic('a%2Bb%2F%3D', 'c%25%3A%C3%BC'), 'a+b/=', 'c%:ü'],
    ['unencoded, as curl sends them', basic('a+b/=', 'c%:d'), 'a+b/=', 'c%:d'],
    ['with a percent sign that is not an encoding', basic('a%zz', '100%'), 'a%zz', '100%'],
    ['with an encoding of an invalid character', basic('a%ff', 'b'), 'a%ff', 'b'],
  ])('has the keys of Basic %s', (_, authorization, accessKey, secretAccessKey) => {
    const body = 'grant_type=client_credentials';
    expect(parseTokenRequest({ authorization, body })).toMatchObject({
      credentials: { accessKey, secretAccessKey },
    });
  });

  it('has keys in the form as the form encodes them', () => {
    const body = 'grant_type=client_credentials&client_id=a%2Bb%2541&client_secret=c+d=e';
    const expected = { accessKey: 'a+b%41', secretAccessKey: 'c d=e' };
    expect(parseTokenRequest({ authorization: null, body })).toMatchObject({ credentials: expected });
  });

  const grant = 'grant_type=client_credentials';
  it.each([
    ['no grant_type', null, 'client_id=foo&client_secret=bar', 'invalid_request'],
    ['another grant', null, inForm.replace('client_credentials', 'password'), 'unsupported_grant_type'],
    ['grant_type twice', null, `${inForm}&${grant}`, 'invalid_request'],
    ['an unknown parameter twice', null, `${inForm}&x=1&x=2`, 'invalid_request'],
    ['the same parameter in another encoding', null, `${inForm}&client%5Fid=foo`, 'invalid_request'],
    ['a broken percent-encoding', null, `${inForm}&x=%zz`, 'invalid_request'],
    ['bytes that are not UTF-8', null, `${inForm}&x=%ff`, 'invalid_request'],
    ['no client', null, grant, 'invalid_client'],
    ['an empty secret', null, `${grant}&client_id=foo&client_secret=`, 'invalid_client'],
    ['both methods', basic('foofoofoo', 'foobarfoo'), inForm, 'invalid_request'],
    ['another client in the form', basic('foo', 'bar'), `${grant}&client_id=baz`, 'invalid_request'],
    ['Basic twice', `${basic('foo', 'bar')}, ${basic('foo', 'bar')}`, grant, 'invalid_request'],
    ['Bearer', 'Bearer abc', grant, 'invalid_client'],
    ['Basic without a colon', `Basic ${btoa('foo')}`, grant, 'invalid_client'],
    ['Basic with an empty secret', basic('foo', ''), grant, 'invalid_client'],
    ['Basic of invalid base64', 'Basic ****', grant, 'invalid_client'],
    ['a control character in the form', null, `${inForm}%00`, 'invalid_client'],
    ['a control character encoded twice', basic('foo', 'bar%0A'), grant, 'invalid_client'],
    ['keys of 2 KB', null, `${inForm}${'r'.repeat(2000)}`, 'invalid_client'],
    ['an unknown scope', null, `${inForm}&scope=recordings:read+admin`, 'invalid_scope'],
    [
      'scopes separated by two spaces',
      null,
      `${inForm}&scope=recordings:read++uploads:write`,
      'invalid_scope',
    ],
    ['a lifetime of 59 s', null, `${inForm}&expires_in=59`, 'invalid_request'],
    ['a lifetime of a day and a second', null, `${inForm}&expires_in=86401`, 'invalid_request'],
    ['a lifetime of 1e3', null, `${inForm}&expires_in=1e3`, 'invalid_request'],
    ['a lifetime of 60.5', null, `${inForm}&expires_in=60.5`, 'invalid_request'],
    ['a negative lifetime', null, `${inForm}&expires_in=-60`, 'invalid_request'],
  ])('with %s is rejected', (_, authorization, body, code) => {
    const refusal = expect.objectContaining({
      code,
      message: expect.not.stringMatching(/foofoofoo|foobarfoo/),
    });
    expect(() => parseTokenRequest({ authorization, body })).toThrow(refusal);
    expect(() => parseTokenRequest({ authorization, body })).toThrow(TokenRequestError);
  });
});
