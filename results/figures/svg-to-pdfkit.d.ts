/** The part of svg-to-pdfkit that is used here; it comes without types. */
declare module 'svg-to-pdfkit' {
  interface Options {
    readonly width: number;
    readonly height: number;
    /** The font's file, or a name that PDF readers know. */
    readonly fontCallback: (family: string, bold: boolean, italic: boolean) => string;
  }
  export default function SVGtoPDF(
    document: object,
    svg: string,
    x: number,
    y: number,
    options: Options,
  ): void;
}
