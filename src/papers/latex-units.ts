/** Quantities as `siunitx` spells them (`\SI{5}{\kilo\meter}`), written the way people do: 5 km. */
import { type Cursor, readVerbatim } from './latex-parts.ts';

/** Units, what makes them larger or smaller, and what joins them. */
const UNITS = new Map(
  (
    'meter:m metre:m second:s gram:g kilogram:kg ampere:A kelvin:K mole:mol candela:cd hertz:Hz watt:W volt:V joule:J ' +
    'newton:N pascal:Pa ohm:Ω tesla:T farad:F coulomb:C lumen:lm lux:lx electronvolt:eV bit:bit byte:B minute:min ' +
    'hour:h day:d liter:L litre:L radian:rad decibel:dB percent:% degree:° degreeCelsius:°C celsius:°C angstrom:Å ' +
    'tonne:t hectare:ha femto:f pico:p nano:n micro:µ milli:m centi:c deci:d hecto:h kilo:k mega:M giga:G tera:T ' +
    'peta:P exa:E kibi:Ki mebi:Mi gibi:Gi per:/ squared:² cubed:³'
  )
    .split(' ')
    .map((pair) => {
      const [name = '', sign = ''] = pair.split(':');
      return [name, sign] as const;
    }),
);

/** The commands, each with what reads its groups. */
export const QUANTITIES: [string, (cursor: Cursor) => string][] = [
  ['si', (cursor) => readUnit(cursor, 'si')],
  ['unit', (cursor) => readUnit(cursor, 'unit')],
  ['SI', (cursor) => readQuantity(cursor, 'SI')],
  ['qty', (cursor) => readQuantity(cursor, 'qty')],
  ['ang', (cursor) => `${readVerbatim(cursor)}°`],
];

/** The unit in the group at the cursor; `name`, the command's own, where none follows, as authors have macros so named. */
function readUnit(cursor: Cursor, name: string): string {
  if (cursor.text[cursor.at] !== '{') return name;
  return readVerbatim(cursor)
    .replace(/\\([A-Za-z]+)\s*/g, (_, word: string) => UNITS.get(word) ?? word)
    .replace(/[.~]/g, '·');
}

/** The number and the unit in the two groups at the cursor. */
function readQuantity(cursor: Cursor, name: string): string {
  if (cursor.text[cursor.at] !== '{') return name;
  const number = readVerbatim(cursor);
  const unit = readUnit(cursor, '');
  return unit === '' || unit === '%' || unit === '°' ? number + unit : `${number} ${unit}`;
}
