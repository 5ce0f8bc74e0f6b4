/** Numbers as people read them, the same on every machine. */

/** A whole number: `12,768`. */
export function groupedDigits(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count with its noun: `1 module`, `72 modules`. */
export function counted(count: number, noun: string): string {
  return `${groupedDigits(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A percentage as a share of 1, exactly what the same digits with the point moved mean: 6.7 gives 0.067. */
export function shareOf(percent: number): number {
  const digits = String(percent);
  return digits.includes("e") ? percent / 100 : Number(`${digits}e-2`);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** An amount of memory: `2.3 MiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** A share: `2.2%`, `0.031%`. Two significant digits. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}
