/** Explains a problem: this occurrence, its type, and the ID to quote when asking for help. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api-error.ts';
import { explain } from '../gateway.ts';
import { WarningIcon } from './icons.tsx';

export interface ErrorNoticeProps {
  readonly error: ApiError;
  readonly onRetry?: () => void;
  /** How to correct it, if known. */
  readonly children?: ComponentChildren;
}

export function ErrorNotice({ error, onRetry, children }: ErrorNoticeProps) {
  const { title, detail, inputs, slug, requestId, retryAfter } = error;
  const explanation = useExplanation(slug);
  return (
    <div class="notice bad" role="alert">
      <WarningIcon />
      <div>
        <p class="notice-title">{title}</p>
        <p>{detail}</p>
        {inputs.length > 0 && (
          <ul>
            {inputs.map((input) => (
              <li key={input}>{input}</li>
            ))}
          </ul>
        )}
        {explanation && <p class="explanation">{toCode(explanation)}</p>}
        {retryAfter && <p>Wait {toWait(retryAfter)} before you try again.</p>}
        {children}
        <p class="notice-foot">
          {onRetry && (
            <button type="button" class="button small" onClick={onRetry}>
              Try again
            </button>
          )}
          {requestId && (
            <small>
              Request <code>{requestId}</code>
            </small>
          )}
        </p>
      </div>
    </div>
  );
}

/** The document's texts mark code as Markdown does. */
function toCode(text: string): ComponentChildren {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part));
}

function toWait(seconds: number): string {
  if (seconds === 1) return 'a second';
  return seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

function useExplanation(slug: string | null): string | null {
  const [explanation, setExplanation] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    setExplanation(null);
    if (slug) void explain(slug).then((text) => isCurrent && setExplanation(text));
    return () => {
      isCurrent = false;
    };
  }, [slug]);
  return explanation;
}
