/** The part of seedrandom that is used here; its published types cover only the whole package. */
declare module 'seedrandom/lib/alea.js' {
  interface Alea {
    /** The next 32 bits, signed. */
    int32(): number;
  }
  export default function alea(seed: string): Alea;
}
