/** Fields for the format and sample rate of audio. */
import type { AudioChoice, Format } from '../audio.ts';

/** In hertz, as the vendor's clients list them; 11000 is for WAV only. */
const rates: Readonly<Record<Format, readonly number[]>> = {
  wav: [8000, 11_000, 22_050, 44_100],
  mp3: [8000, 22_050, 44_100],
};

type Form = Pick<AudioChoice, 'format' | 'rate'>;

export interface ChoiceFieldsProps {
  readonly value: Form;
  readonly onChange: (value: Form) => void;
}

export function ChoiceFields({ value, onChange }: ChoiceFieldsProps) {
  const choose = (format: Format) => {
    onChange({ format, rate: rates[format].includes(value.rate) ? value.rate : 8000 });
  };
  return (
    <div class="choices">
      <fieldset class="segments">
        <legend>Format</legend>
        {(['mp3', 'wav'] as const).map((format) => (
          <label key={format}>
            <input
              type="radio"
              name="format"
              checked={value.format === format}
              onChange={() => choose(format)}
            />
            <span>{format.toUpperCase()}</span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>Sample rate</span>
        <select
          value={value.rate}
          onChange={(event) => onChange({ ...value, rate: Number(event.currentTarget.value) })}
        >
          {rates[value.format].map((rate) => (
            <option key={rate} value={rate}>
              {rate.toLocaleString('en')} Hz
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
