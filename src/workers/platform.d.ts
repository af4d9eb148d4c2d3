/// <reference types="@cloudflare/workers-types" />
/**
 * The Worker's bindings, and web standards that @cloudflare/workers-types declares more narrowly than Workers
 * implement them.
 */

declare namespace Cloudflare {
  interface Env {
    readonly ASSETS?: Fetcher;
    readonly STORE?: R2Bucket;
    /** Receives exports in place of STORE. */
    readonly EXPORT_STORE?: R2Bucket;
    /** Runs exports. */
    readonly EXPORTS?: Workflow<{ readonly id: string; readonly run: number; readonly leg: number }>;
    /** Receives the events of the audit trail. */
    readonly AUDIT_QUEUE?: Queue;
    readonly CALLER_RATE_LIMITER?: RateLimit;
    readonly REFUSED_KEYS_RATE_LIMITER?: RateLimit;
    /** The variables that `config.ts` reads. */
    readonly [variable: string]: unknown;
  }
}

interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

interface ReadableStreamBYOBReader {
  read<View extends ArrayBufferView>(
    view: View,
    options: { readonly min: number },
  ): Promise<ReadableStreamReadResult<View>>;
}

declare function clearTimeout(timeout: number | undefined): void;

type KeyUsage =
  | 'encrypt'
  | 'decrypt'
  | 'sign'
  | 'verify'
  | 'deriveKey'
  | 'deriveBits'
  | 'wrapKey'
  | 'unwrapKey';
