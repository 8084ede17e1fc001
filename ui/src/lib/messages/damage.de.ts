/*
 * What is damaged about a file, as our own readers say it. What other decoders say is not translated,
 * and then left out.
 */
export const damage: Readonly<Record<string, string>> = {
  'it has no pixels': 'sie hat keine Pixel',
  'it has no picture': 'sie enthält kein Bild',
  'it has no header': 'ihr fehlt der Kopf',
  'it has two frame headers': 'sie hat zwei Bildköpfe',
  'it ends too early': 'sie endet zu früh',
  'it ends in the middle of its image data': 'sie endet mitten in den Bilddaten',
  'its frame header is too short': 'ihr Bildkopf ist zu kurz',
  'its last scans are missing': 'ihre letzten Durchgänge fehlen',
  'its picture data is damaged or ends too early':
    'ihre Bilddaten sind beschädigt oder enden zu früh',
  'a checksum is wrong': 'eine Prüfsumme stimmt nicht',
  'a quantization table is missing': 'eine Quantisierungstabelle fehlt',
  'a segment has no length': 'ein Abschnitt hat keine Länge',

  // GIF.
  'it ends within a block': 'sie endet mitten in einem Block',
  'it ends within a frame': 'sie endet mitten in einem Einzelbild',
  "it ends within a frame's header": 'sie endet im Kopf eines Einzelbilds',
  'it ends within its header': 'sie endet in ihrem Kopf',
  'it ends within its palette': 'sie endet in ihrer Palette',
  'its canvas is empty': 'ihre Fläche ist leer',
  'there is no frame in it': 'sie enthält kein Einzelbild',
  'frames are missing': 'Einzelbilder fehlen',
  'a frame went missing': 'ein Einzelbild fehlt',
  'a frame is empty': 'ein Einzelbild ist leer',
  'a frame has no palette': 'ein Einzelbild hat keine Palette',
  'a frame has an impossible code size': 'ein Einzelbild hat eine unmögliche Codegröße',
  "a frame's control block is too short": 'der Steuerblock eines Einzelbilds ist zu kurz',
  "a frame's pixels do not unpack": 'die Pixel eines Einzelbilds lassen sich nicht entpacken',
  'an unknown block': 'ein unbekannter Block',

  // SVG.
  'its text is not UTF-8': 'ihr Text ist kein UTF-8',
  'its text is not UTF-16': 'ihr Text ist kein UTF-16',
  'its compressed data is broken': 'ihre komprimierten Daten sind fehlerhaft',
  'its XML declaration does not end': 'ihre XML-Deklaration endet nicht',
  'its document type does not end': 'ihr Dokumenttyp endet nicht',
  'its document type is in the wrong place': 'ihr Dokumenttyp steht an der falschen Stelle',
  'it ends in the middle of a tag': 'sie endet mitten in einem Tag',
  'it has a lone ampersand': 'sie enthält ein einzelnes Und-Zeichen',
  'it uses an entity that it does not declare':
    'sie benutzt eine Entität, die sie nicht deklariert',
  "an entity's value does not end": 'der Wert einer Entität endet nicht',
  'an entity has no value': 'eine Entität hat keinen Wert',
  'a comment does not end': 'ein Kommentar endet nicht',
};
