/** A response of the emulator before it is sent, in the form that faults change. */
import { type Bytes, type Chunks, encode } from './bytes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: Chunks;
  /** In bytes. */
  readonly length: number;
  /** Whether a header states the length. */
  readonly declared: boolean;
}

export type Result = 'success' | 'failed';

export const xmlType = 'text/xml';

/** As on the page: one line per element, no indentation, no declaration, no final line break. */
export function envelope(result: Result, description: string, data = ''): string {
  return [
    '<response>',
    `<result>${result}</result>`,
    `<result_description>${description}</result_description>${data}`,
    '</response>',
  ].join('\n');
}

export function xmlAnswer(status: number, xml: string): Answer {
  return bytesAnswer(status, encode(xml), xmlType);
}

export function bytesAnswer(status: number, bytes: Bytes, contentType: string): Answer {
  const headers = { 'content-type': contentType };
  return { status, headers, chunks: [bytes], length: bytes.length, declared: true };
}

export function failed(status: number, description: string): Answer {
  return xmlAnswer(status, envelope('failed', description));
}

export function succeeded(description: string): Answer {
  return xmlAnswer(200, envelope('success', description));
}
