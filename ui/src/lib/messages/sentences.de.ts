import { damage } from './damage.de';

/*
 * What Rust says, in German, by its English text; a test holds that Rust says each of them. What is
 * missing here is told by its code, or in English. The more special stand before the more general.
 */
export const sentences: Readonly<Record<string, string>> = {
  // What is special about an image, and what was removed from it.
  alpha: 'Alphakanal',
  transparent: 'transparent',
  '16 bit': '16 Bit',
  CMYK: 'CMYK',
  'colour profile kept': 'Farbprofil behalten',
  'colour space kept': 'Farbraum behalten',
  'orientation kept': 'Ausrichtung behalten',
  'HDR gain map kept': 'HDR-Gain-Map behalten',
  'further pictures kept': 'weitere Bilder behalten',
  'motion photo kept': 'bewegtes Foto behalten',
  'render verified': 'Darstellung geprüft',
  'by the account': 'durch das Konto',
  'colour profile': 'Farbprofil',
  'loop count': 'Zahl der Wiederholungen',
  'plain text': 'Text',
  'note of loss': 'Vermerk über den Verlust',
  '{profile} kept': '{profile} behalten',
  'Exif data': 'Exif-Daten',
  'GPS position': 'GPS-Position',
  thumbnail: 'Vorschaubild',
  'serial number': 'Seriennummer',
  description: 'Beschreibung',
  'camera data': 'Kameradaten',
  comment: 'Kommentar',
  comments: 'Kommentare',
  metadata: 'Metadaten',
  'editor data': 'Daten des Editors',
  'Photoshop data': 'Photoshop-Daten',
  'XMP metadata': 'XMP-Metadaten',
  'index of further pictures': 'Verzeichnis weiterer Bilder',
  'application data': 'Daten von Programmen',
  texts: 'Texte',
  'time of the last change': 'Zeit der letzten Änderung',
  'background colour': 'Hintergrundfarbe',
  'colour hints': 'Farbhinweise',
  'content credentials': 'Herkunftsnachweise',
  'data after the picture': 'Daten hinter dem Bild',

  // Images.
  'This is not an image that Whittle knows.': 'Das ist kein Bild, das Whittle kennt.',
  'The file is empty.': 'Die Datei ist leer.',
  'The {format} is damaged: {damage}.': 'Die {format}-Datei ist beschädigt: {damage}.',
  'The image has {width} × {height} pixels, more than the limit of {limit}.':
    'Das Bild hat {width} × {height} Pixel; erlaubt sind {limit}.',
  'The animation has more than {limit} frames.': 'Die Animation hat mehr als {limit} Einzelbilder.',
  'The {format} is too complex: {reason}.': 'Die {format}-Datei ist zu aufwendig.',
  'The result failed its check ({reason}), so it was thrown away.':
    'Das Ergebnis hat seine Prüfung nicht bestanden und wurde verworfen.',
  'Whittle could not work on this image ({reason}).': 'An diesem Bild ist Whittle gescheitert.',
  'Cancelled.': 'Abgebrochen.',
  'The time limit ran out.': 'Die erlaubte Zeit war vorbei.',
  'Whittle does not optimize {format} yet.': 'Whittle optimiert {format} noch nicht.',
  'This PNG was made for iOS apps by Xcode, so it is left as it is.':
    'Dieses PNG hat Xcode für iOS-Apps gemacht; darum bleibt es, wie es ist.',
  'This PNG has parts that Whittle does not know, so it is left as it is.':
    'Dieses PNG hat Teile, die Whittle nicht kennt; darum bleibt es, wie es ist.',
  'This JPEG uses a rare kind of compression, so it is left as it is.':
    'Dieses JPEG ist auf eine seltene Art komprimiert; darum bleibt es, wie es ist.',
  "The SVG's elements refer to each other in a circle.":
    'Die Elemente des SVG verweisen im Kreis aufeinander.',
  "The SVG's document type is put together from parameter entities.":
    'Der Dokumenttyp des SVG ist aus Parameter-Entitäten zusammengesetzt.',
  "The SVG's document type adds attributes to its elements.":
    'Der Dokumenttyp des SVG fügt seinen Elementen Attribute hinzu.',
  'The SVG is written in {name}, which Whittle does not read.':
    'Das SVG ist in {name} geschrieben; das liest Whittle nicht.',
  'The SVG draws on a file outside itself, which is never read.':
    'Das SVG braucht eine Datei außerhalb seiner selbst; solche werden nie gelesen.',
  'The SVG does not declare its namespace, so no browser shows it as an image.':
    'Das SVG nennt seinen Namensraum nicht; darum zeigt es kein Browser als Bild.',
  'Whittle crashed on this image. The original was not touched.':
    'An diesem Bild ist Whittle abgestürzt. Das Original ist unverändert.',
  'This is a result of Whittle already.': 'Das hat Whittle schon selbst gemacht.',
  'It would become smaller by less than {percent} %, so it was left as it is.':
    'Es würde um weniger als {percent}\u00a0% kleiner; darum bleibt es, wie es ist.',
  'Nothing smaller was found, so the original was copied.':
    'Nichts Kleineres wurde gefunden; darum wurde das Original kopiert.',
  '{reason} It was optimized here.': '{reason} Es wurde hier optimiert.',
  'An account works on images only where the history is kept.':
    'Ein Konto bearbeitet Bilder nur, wo der Verlauf festgehalten wird.',

  // Files.
  'There is no file {path}.': 'Es gibt keine Datei {path}.',
  'Could not {doing} {path}: the folder is gone.':
    'Kein Zugriff auf {path}: der Ordner ist nicht mehr da.',
  'Could not {doing} {path}: the system does not allow it.':
    'Kein Zugriff auf {path}: das System erlaubt es nicht.',
  'Could not {doing} {path}: the disk is full.':
    '{path} ließ sich nicht schreiben: der Datenträger ist voll.',
  'Could not {doing} {path}: the name is too long.':
    '{path} ließ sich nicht schreiben: der Name ist zu lang.',
  'Could not {doing} {path}: {error}.': 'Kein Zugriff auf {path}: {error}.',
  '{path} is a folder, not a file.': '{path} ist ein Ordner, keine Datei.',
  '{path} is not a regular file.': '{path} ist keine gewöhnliche Datei.',
  'The file is larger than {size} MiB.': 'Die Datei ist größer als {size}\u00a0MiB.',
  '{what}, so nothing was written.': '{what}; darum wurde nichts geschrieben.',
  'The file is gone': 'Die Datei ist nicht mehr da',
  'Another program holds the file just now': 'Ein anderes Programm hält die Datei gerade fest',
  'The file changed while it was worked on': 'Die Datei hat sich währenddessen geändert',
  'The file is read-only, so it was left alone.':
    'Die Datei ist schreibgeschützt; darum wurde sie in Ruhe gelassen.',
  'The file has several names (hard links), which replacing it would separate, so it was left alone.':
    'Die Datei hat mehrere Namen (Hardlinks), die ein Ersetzen trennen würde; darum wurde sie in Ruhe gelassen.',
  '{path} exists already and was not made by Whittle, or is the result of another image; nothing was overwritten.':
    '{path} gibt es schon, und es ist nicht von Whittle oder das Ergebnis eines anderen Bildes; nichts wurde überschrieben.',
  'The journal could not be written. {reason}': 'Das Journal ließ sich nicht schreiben. {reason}',
  'The result stands, but the system could not confirm that it survives a power cut: {error}.':
    'Das Ergebnis steht, aber das System konnte nicht bestätigen, dass es einen Stromausfall übersteht.',
  'It will be in the history after the next start: {reason}':
    'Im Verlauf steht es nach dem nächsten Start: {reason}',
  'It is missing in the history: {reason}': 'Im Verlauf fehlt es: {reason}',

  // Files that are not taken.
  'Hidden files and folders are passed over.': 'Versteckte Dateien und Ordner werden übergangen.',
  'Not an image that Whittle knows, by its name.': 'Nach dem Namen kein Bild, das Whittle kennt.',
  'Not a regular file.': 'Keine gewöhnliche Datei.',
  'Left out by the patterns.': 'Von den Mustern ausgeschlossen.',
  'The result of an earlier run stands beside its original.':
    'Das Ergebnis eines früheren Laufs steht neben seinem Original.',
  'The same file was given twice.': 'Dieselbe Datei kam zweimal.',

  // The history and its backups.
  'The folder {path} cannot be used: {error}.':
    'Der Ordner {path} lässt sich nicht benutzen: {error}.',
  'This system names no folder for data; set WHITTLE_DATA_DIR.':
    'Dieses System nennt keinen Ordner für Daten; WHITTLE_DATA_DIR kann einen nennen.',
  'The history in {path} was written by a newer version of Whittle (format {found}; this one knows {known}). Install the newer version, or set WHITTLE_DATA_DIR to another folder.':
    'Den Verlauf in {path} hat eine neuere Version von Whittle geschrieben (Format {found}; diese kennt {known}). Es braucht die neuere Version oder mit WHITTLE_DATA_DIR einen anderen Ordner.',
  "The history could not be brought to this version's format: {error}.":
    'Der Verlauf ließ sich nicht in das Format dieser Version bringen: {error}.',
  'The history could not be read or written: {error}.':
    'Der Verlauf ließ sich nicht lesen oder schreiben: {error}.',
  'The history could not be written: {error}.': 'Der Verlauf ließ sich nicht schreiben: {error}.',
  '{path} is watched already.': '{path} wird schon überwacht.',
  'The backup of the original is missing: {path}.': 'Die Sicherung des Originals fehlt: {path}.',
  'The backup of the original is damaged: {path}.':
    'Die Sicherung des Originals ist beschädigt: {path}.',
  'The backup {path} could not be written or read: {error}.':
    'Die Sicherung {path} ließ sich nicht schreiben oder lesen: {error}.',
  '{reason} The original was not touched.': '{reason} Das Original ist unverändert.',
  'There is no replaced original to put back.':
    'Es gibt kein ersetztes Original, das sich zurückholen ließe.',
  'The original was put back already.': 'Das Original ist schon zurückgeholt.',
  '{path} was changed after Whittle replaced it, so the original was not put back over it. Its backup is kept; it can be put back over the change all the same.':
    '{path} wurde geändert, nachdem Whittle es ersetzt hatte; darum wurde das Original nicht darüber zurückgeholt. Seine Sicherung bleibt.',
  'Could not read {path}: {error}.': '{path} ließ sich nicht lesen: {error}.',
  'This line is no longer in the history.': 'Diese Zeile ist nicht mehr im Verlauf.',

  // The window.
  'This image is no longer in the list.': 'Dieses Bild ist nicht mehr in der Liste.',
  'The files are no longer there.': 'Die Dateien sind nicht mehr da.',
  '{path} is no longer there.': '{path} ist nicht mehr da.',
  'No file manager answered.': 'Kein Dateimanager hat geantwortet.',
  'No program was found that opens this.': 'Es wurde kein Programm gefunden, das dies öffnet.',
  'Its name cannot be handed over.': 'Sein Name lässt sich nicht übergeben.',
  'This image was not worked on yet.': 'Dieses Bild wurde noch nicht bearbeitet.',
  'The file is larger than {size} MB: too much for a data URL.':
    'Die Datei ist größer als {size}\u00a0MB: zu viel für eine Data-URL.',
  'This comparison was closed.': 'Dieser Vergleich ist geschlossen.',
  'This derivative was not written.': 'Diese Variante wurde nicht geschrieben.',
  'Other settings are tried on the image itself.':
    'Andere Einstellungen werden am Bild selbst versucht.',
  'Another result took its place.': 'Ein anderes Ergebnis hat seinen Platz eingenommen.',
  'The clipboard could not be read: {error}.': 'Die Zwischenablage ließ sich nicht lesen: {error}.',
  'The clipboard could not be reached: {error}.':
    'Die Zwischenablage ließ sich nicht erreichen: {error}.',
  'The program that holds the clipboard did not answer.':
    'Das Programm, dem die Zwischenablage gehört, hat nicht geantwortet.',
  'The picture on the clipboard cannot be read: {error}.':
    'Das Bild in der Zwischenablage ließ sich nicht lesen: {error}.',
  'The samples could not be written: {error}.':
    'Die Beispielbilder ließen sich nicht schreiben: {error}.',
  'The picture could not be written: {error}.': 'Das Bild ließ sich nicht schreiben: {error}.',
  '{path} could not be written: {error}.': '{path} ließ sich nicht schreiben: {error}.',
  'The system did not take this: {error}.': 'Das hat das System nicht angenommen: {error}.',
  'This cannot be kept: {error}.': 'Das lässt sich nicht merken: {error}.',
  'A pattern cannot be read: {error}.': 'Ein Muster ist nicht zu lesen: {error}.',
  '{path} is no preset: {reason}': '{path} ist keine Vorlage: {reason}',
  'This folder is no longer watched.': 'Dieser Ordner wird nicht mehr überwacht.',
  'The folder is not there. It is watched again as soon as it is.':
    'Der Ordner ist nicht da. Sobald er wieder da ist, wird er überwacht.',
  'The folder is looked through every few seconds: {error}.':
    'Der Ordner wird alle paar Sekunden durchgesehen: {error}.',
  'The system does not watch more folders, so this one is looked through every few seconds. A higher limit helps: {command}':
    'Das System überwacht keine weiteren Ordner; darum wird dieser alle paar Sekunden durchgesehen. Eine höhere Grenze hilft: {command}',

  // Addresses.
  'This is not an address that Whittle can fetch.':
    'Das ist keine Adresse, von der Whittle laden kann.',
  'There is nothing at this address (the server answered {status}).':
    'An dieser Adresse ist nichts (der Server hat mit {status} geantwortet).',
  'The server answered {status}.': 'Der Server hat mit {status} geantwortet.',
  'What lies at this address is larger than {size} MB.':
    'Was an dieser Adresse liegt, ist größer als {size}\u00a0MB.',
  'What lies at this address is not an image that Whittle knows.':
    'Was an dieser Adresse liegt, ist kein Bild, das Whittle kennt.',
  'The server took too long.': 'Der Server hat zu lange gebraucht.',
  'The server cannot be reached, or the connection broke.':
    'Der Server ist nicht erreichbar, oder die Verbindung ist abgerissen.',
  'It was stopped.': 'Es wurde angehalten.',
  'It could not be written into {folder}: {error}.':
    'Es ließ sich nicht in {folder} schreiben: {error}.',
  'Fetching it went wrong.': 'Beim Laden ist etwas schiefgegangen.',

  // The account.
  'No account is connected.': 'Kein Konto ist verbunden.',
  'Without its history, Whittle works with no account.':
    'Ohne seinen Verlauf arbeitet Whittle mit keinem Konto.',
  'The token cannot be found any more: connect the account again.':
    'Das Token ist nicht mehr zu finden: das Konto muss neu verbunden werden.',
  'The address must begin with https://, so that nobody on the way can read the token and the images. Plain http:// is possible for a server on this computer only, when that is asked for.':
    'Die Adresse muss mit https:// beginnen, damit unterwegs niemand Token und Bilder lesen kann. Einfaches http:// geht nur zu einem Server auf diesem Computer, und nur, wenn es erlaubt ist.',
  'There is no keychain on this computer that is open, so the token was not kept. It can be kept in a file that only you can read, or come from the variable {name}.':
    'Auf diesem Computer ist kein Schlüsselbund offen; darum wurde das Token nicht aufgehoben. Es kann in einer Datei liegen, die nur du lesen kannst, oder aus der Variablen {name} kommen.',
  'A token is one line of letters, digits and signs, without spaces.':
    'Ein Token ist eine Zeile aus Buchstaben, Ziffern und Zeichen, ohne Leerzeichen.',
  'This is not the address of a server; one looks like https://api.example.com.':
    'Das ist nicht die Adresse eines Servers; eine sieht aus wie https://api.example.com.',
  'The address holds more than a server and a path. The token is asked for on its own.':
    'Die Adresse enthält mehr als Server und Pfad. Nach dem Token wird eigens gefragt.',
  "The account's server cannot be reached.": 'Der Server des Kontos ist nicht erreichbar.',
  "The connection to the account's server broke.":
    'Die Verbindung zum Server des Kontos ist abgerissen.',
  "The account's server took too long.": 'Der Server des Kontos hat zu lange gebraucht.',
  "The server's answer cannot be understood. Is it the address of such an account?":
    'Die Antwort des Servers ist nicht zu verstehen. Ist das die Adresse eines solchen Kontos?',
  'The file that the account sent is larger than {limit} bytes.':
    'Die Datei, die das Konto geschickt hat, ist größer als {limit} Bytes.',
  "The account's server names a link that is not private, so it is not followed.":
    'Der Server des Kontos nennt einen Link, der nicht vertraulich ist; ihm wird nicht gefolgt.',
  "The account's server does not accept the token.":
    'Der Server des Kontos nimmt das Token nicht an.',
  "The account's plan is used up.": 'Der Tarif des Kontos ist aufgebraucht.',
  "The account's server wants HTTPS.": 'Der Server des Kontos verlangt HTTPS.',
  'The account is suspended.': 'Das Konto ist gesperrt.',
  'The account no longer has this file.': 'Das Konto hat diese Datei nicht mehr.',
  "The account's server is asked too often.": 'Der Server des Kontos wird zu oft gefragt.',
  "The account's server is not available just now.":
    'Der Server des Kontos ist gerade nicht verfügbar.',
  "The account's server answered {status}.": 'Der Server des Kontos hat mit {status} geantwortet.',
  "The account's server refused: {reason}.": 'Der Server des Kontos hat abgelehnt: {reason}.',

  // The way to the account's server, and its token.
  "The proxy on the way to the account's server refuses.":
    'Der Proxy auf dem Weg zum Server des Kontos lehnt ab.',
  "The certificate of the account's server is from nobody that this computer trusts, so nothing was sent. If it is your own, add its authority to the system's, or name its file in SSL_CERT_FILE.":
    'Dem Aussteller des Zertifikats vertraut dieser Computer nicht, deshalb wurde nichts gesendet. Ist es dein eigener, dann füge ihn zu denen des Systems hinzu, oder nenne seine Datei in SSL_CERT_FILE.',
  "The certificate of the account's server is for another name, so nothing was sent. Is the address right?":
    'Das Zertifikat des Servers gilt für einen anderen Namen, deshalb wurde nichts gesendet. Stimmt die Adresse?',
  "The certificate of the account's server is not valid today, so nothing was sent. Is this computer's clock right?":
    'Das Zertifikat des Servers gilt heute nicht, deshalb wurde nichts gesendet. Geht die Uhr dieses Computers richtig?',
  "The certificate of the account's server is not valid, so nothing was sent.":
    'Das Zertifikat des Servers ist nicht gültig, deshalb wurde nichts gesendet.',
  "The system's keychain, which has the token, is locked or not there. Open it and try again.":
    'Der Schlüsselbund des Systems, in dem das Token liegt, ist gesperrt oder nicht da. Öffne ihn und versuche es noch einmal.',
  "The account is disconnected, but its token is still in the system's keychain, which is locked or not there: remove the entry Whittle there, or revoke the token on the server.":
    'Das Konto ist getrennt, aber sein Token liegt noch im Schlüsselbund des Systems, der gesperrt oder nicht da ist: Entferne dort den Eintrag Whittle, oder widerrufe das Token auf dem Server.',

  ...damage,
};
