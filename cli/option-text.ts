import type { Option } from '@commander-js/extra-typings';

/** What help and the reference say of an option: its meaning, its choices and its default, in words. */
export function optionText(option: Option): string {
  const choices = option.argChoices === undefined ? '' : `; one of ${option.argChoices.join(', ')}`;
  const said = option.defaultValueDescription ?? inWords(option.defaultValue);
  return `${option.description}${choices}${said === '' ? '' : ` (default: ${said})`}`;
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
