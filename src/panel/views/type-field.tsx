/** A select field of resource types. */

export interface TypeFieldProps<Type extends string> {
  readonly types: readonly Type[];
  readonly value: Type;
  readonly onChange: (type: Type) => void;
}

export function TypeField<Type extends string>({ types, value, onChange }: TypeFieldProps<Type>) {
  const choose = (text: string) => onChange(types.find((type) => type === text) ?? value);
  return (
    <label class="field">
      <span>Type</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {types.map((type) => (
          <option key={type} value={type}>
            {type}
          </option>
        ))}
      </select>
    </label>
  );
}
