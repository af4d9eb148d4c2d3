/** A problem, explained: what happened this time, what that kind of problem means, and what to quote when asking for help. */
import { useEffect, useState } from 'preact/hooks';
import { explain } from '../gateway.ts';
import type { Trouble } from '../trouble.ts';
import { WarningIcon } from './icons.tsx';

export interface TroubleNoticeProps {
  readonly trouble: Trouble;
  readonly onRetry?: () => void;
}

export function TroubleNotice({ trouble, onRetry }: TroubleNoticeProps) {
  const { title, detail, inputs, slug, requestId } = trouble;
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
        {explanation && <p class="explanation">{explanation}</p>}
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
