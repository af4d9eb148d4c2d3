/** The resources whose recordings are exported: one row each. */
import { type RecordingType, recordingTypes } from '../resource-types.ts';
import { CloseIcon } from './icons.tsx';
import { TypeField } from './type-field.tsx';

/** As the API allows. */
const maxSources = 100;

export interface SourceInput {
  readonly type: RecordingType;
  readonly id: string;
}

export interface SourceFieldsProps {
  readonly sources: readonly SourceInput[];
  readonly onChange: (sources: readonly SourceInput[]) => void;
}

export function SourceFields({ sources, onChange }: SourceFieldsProps) {
  const set = (index: number, change: Partial<SourceInput>) =>
    onChange(sources.map((source, i) => (i === index ? { ...source, ...change } : source)));
  return (
    <div class="sources">
      {sources.map(({ type, id }, index) => (
        <fieldset key={index} class="source">
          <legend class="unseen">Source {index + 1}</legend>
          <TypeField
            types={recordingTypes}
            value={type}
            onChange={(chosen) => set(index, { type: chosen })}
          />
          <label class="field">
            <span>ID</span>
            <input
              required
              inputMode="numeric"
              autocomplete="off"
              value={id}
              onInput={(event) => set(index, { id: event.currentTarget.value.trim() })}
            />
          </label>
          {sources.length > 1 && (
            <button
              type="button"
              class="icon-button"
              aria-label={`Remove source ${index + 1}`}
              onClick={() => onChange(sources.filter((_, i) => i !== index))}
            >
              <CloseIcon />
            </button>
          )}
        </fieldset>
      ))}
      {sources.length < maxSources && (
        <button
          type="button"
          class="button small"
          onClick={() => onChange([...sources, { type: sources.at(-1)?.type ?? 'findme', id: '' }])}
        >
          Add a source
        </button>
      )}
    </div>
  );
}
