/** Narrowing: limits a token to some resources or recordings of its account (RFC 9396 authorization details). */
import { z } from 'zod';

/** A resource of the account, as the legacy service names it. */
export interface ResourceName {
  readonly type: string;
  /** Digits; null for types without an ID. */
  readonly id: string | null;
}

export interface Narrowing {
  /** Lists that the caller may read, including every recording in them, and resources that it may upload to. */
  readonly resources: readonly ResourceName[];
  /** Recordings that the caller may access, whichever list they are in. */
  readonly sids: readonly string[];
}

/** The `type` of an authorization detail (RFC 9396). */
export const detailType = 'recordings';

/** Limits the lists that one request may have to search. */
export const maxResources = 10;
/** A token must fit into a header. */
export const maxSids = 100;

const resource = z.strictObject({
  type: z.string().regex(/^[a-z_]{1,32}$/),
  id: z.union([z.int().min(0), z.string().regex(/^(?:0|[1-9]\d{0,14})$/)]).optional(),
});

const detail = z.strictObject({
  type: z.literal(detailType),
  resources: z.array(resource).default([]),
  sids: z.array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)).default([]),
});

export interface AuthorizationDetail {
  type: typeof detailType;
  resources?: { type: string; id?: number }[];
  sids?: string[];
}

/** The union of the elements. Null if the value is not an array of our details, or names nothing or too much. */
export function parseAuthorizationDetails(value: unknown): Narrowing | null {
  const parsed = z.array(detail).min(1).safeParse(value);
  if (!parsed.success) return null;
  const resources = parsed.data.flatMap(({ resources }) =>
    resources.map(({ type, id }) => ({ type, id: id === undefined ? null : String(id) })),
  );
  const sids = [...new Set(parsed.data.flatMap(({ sids }) => sids))];
  const isEmpty = resources.length + sids.length === 0;
  return isEmpty || resources.length > maxResources || sids.length > maxSids ? null : { resources, sids };
}

/** The text of a token request's parameter; null as above. */
export function parseAuthorizationDetailsText(text: string): Narrowing | null {
  try {
    return parseAuthorizationDetails(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * A JWT's claim. Details of other types belong to other services (RFC 9396 section 9.1); `all` means the whole
 * account. A missing or malformed claim grants nothing, so that a mistake at the identity provider opens no account.
 */
export function parseNarrowingClaim(value: unknown): Narrowing | null {
  if (value === 'all') return null;
  const ours = Array.isArray(value) ? value.filter((detail) => detail?.type === detailType) : null;
  return parseAuthorizationDetails(ours) ?? { resources: [], sids: [] };
}

/** The granted details, as the token response repeats them (RFC 9396 section 7). */
export function toAuthorizationDetails({ resources, sids }: Narrowing): AuthorizationDetail[] {
  return [
    {
      type: detailType,
      ...(resources.length > 0 && {
        resources: resources.map(({ type, id }) => ({ type, ...(id !== null && { id: Number(id) }) })),
      }),
      ...(sids.length > 0 && { sids: [...sids] }),
    },
  ];
}

export function reachesResource({ resources }: Narrowing, { type, id }: ResourceName): boolean {
  return resources.some((resource) => resource.type === type && resource.id === id);
}
