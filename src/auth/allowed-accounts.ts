/** `ALLOWED_ACCOUNTS`: the accounts that a deployment serves, by access key or by the SHA-256 digest of one. */
import { sha256Hex } from '../primitives/sha256.ts';

export interface AllowedAccounts {
  readonly accessKeys: ReadonlySet<string>;
  /** SHA-256 of the access key, in lower-case hex. */
  readonly digests: ReadonlySet<string>;
}

const digestPrefix = 'sha256:';

/** Entries are separated by commas. Throws an Error whose message names an entry by its position and never shows it. */
export function parseAllowedAccounts(text: string): AllowedAccounts {
  const entries = text.split(',').map((entry) => entry.trim());
  const broken = entries.findIndex((entry) => !isEntry(entry));
  if (broken >= 0) {
    throw new Error(
      `entry ${broken + 1} of ${entries.length} is neither an access key nor ${digestPrefix} and 64 hex digits`,
    );
  }
  const digests = entries.filter((entry) => entry.startsWith(digestPrefix));
  return {
    accessKeys: new Set(entries.filter((entry) => !entry.startsWith(digestPrefix))),
    digests: new Set(digests.map((entry) => entry.slice(digestPrefix.length).toLowerCase())),
  };
}

/** Null serves every account. */
export async function isAllowed(accounts: AllowedAccounts | null, accessKey: string): Promise<boolean> {
  if (accounts === null || accounts.accessKeys.has(accessKey)) return true;
  if (accounts.digests.size === 0) return false;
  return accounts.digests.has(await sha256Hex(accessKey));
}

/** Rejects quotes, brackets and braces, so that a list in JSON is reported instead of read as strange keys. */
function isEntry(entry: string): boolean {
  return entry.startsWith(digestPrefix)
    ? /^sha256:[\da-f]{64}$/i.test(entry)
    : /^(?:(?!["'`[\]{}])[!-~])+$/.test(entry);
}
