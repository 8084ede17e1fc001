import type { AccountTranslation } from '../messages';

/* The words about the account, in German. */
export const account: AccountTranslation = {
  'section.account': 'Konto',
  'origin.account': 'Vom Konto',

  'account.state.not_connected': 'Nicht verbunden',
  'account.state.connecting': 'Wird verbunden\u00a0…',
  'account.state.bad_token': 'Token abgelehnt',
  'account.state.no_token': 'Token fehlt',
  'account.state.suspended': 'Gesperrt',
  'account.state.quota_used_up': 'Aufgebraucht',
  'account.state.offline': 'Offline',
  'account.state.syncing': 'Abgleich läuft\u00a0…',
  'account.state.up_to_date': 'Verbunden',

  'account.help.bad_token':
    'Der Server nimmt dieses Token nicht mehr an. Erzeuge dort ein neues, und verbinde das Konto erneut.',
  'account.help.no_token':
    'Das Token lässt sich nicht aus dem Schlüsselbund lesen. Öffne den Schlüsselbund und prüfe die Verbindung, oder verbinde dich neu.',
  'account.help.suspended':
    'Der Server hat dieses Konto gesperrt. Bis es wieder offen ist, wird nichts gesendet.',
  'account.help.quota_used_up':
    'Der Tarif ist für diesen Zeitraum aufgebraucht. Bilder für das Konto warten oder schlagen fehl; dieser Computer arbeitet wie immer.',
  'account.help.offline':
    'Der Server ist gerade nicht erreichbar. Das Senden geht dann von selbst weiter.',

  'account.connect.title': 'Ein Konto verbinden',
  'account.connect.about':
    'Statt hier kann ein Konto Bilder optimieren, und beide Verläufe bleiben im Gleichschritt. Bis du eines verbindest und wählst, verlässt nichts diesen Computer.',
  'account.endpoint': 'Adresse',
  'account.endpoint.hint': 'https://api.crush.pics/v1',
  'account.token': 'API-Token',
  'account.token.keychain': 'im Schlüsselbund des Systems',
  'account.token.file': 'in einer Datei, die nur du lesen kannst',
  'account.token.environment': 'aus der Umgebung',
  'account.token.about': 'Es liegt im Schlüsselbund des Systems, nie in Whittles Datenbank.',
  'account.allow_http': 'Unverschlüsseltes HTTP zu diesem Computer erlauben',
  'account.allow_http.about':
    'Nur für einen Server auf diesem Computer: unverschlüsseltes HTTP lässt sich unterwegs mitlesen.',
  'account.file.title': 'Wo darf das Token liegen?',
  'account.file.about':
    'Auf diesem Computer ist kein Schlüsselbund offen. Das Token kann in einer Datei liegen, die nur du lesen kannst (Modus 0600). Wer deine Dateien lesen kann, könnte auch das Token lesen.',
  'account.file.yes': 'In einer Datei aufheben',
  'account.connect': 'Verbinden',
  'account.connecting': 'Wird verbunden\u00a0…',
  'account.again': 'Erneut verbinden\u00a0…',

  'account.connection': 'Verbindung',
  'account.name': 'Konto',
  'account.test': 'Verbindung prüfen',
  'account.testing': 'Wird geprüft\u00a0…',
  'account.fine': 'Die Verbindung funktioniert.',
  'account.disconnect': 'Trennen',
  'account.disconnected': 'Konto getrennt. Seine Bilder bleiben dort.',

  'account.defaults': 'Vorgaben des Kontos',
  'account.defaults.about': 'Sie gelten, wenn ein Auftrag keinen eigenen Modus nennt',
  'account.defaults.level': 'Stufe für {type}',
  'account.where': 'Wo optimiert wird',
  'account.where.here': 'Dieser Computer',
  'account.where.account': 'Konto',
  'account.own': 'Mit Modus und Stufe des Kontos',
  'account.or_here': 'Was das Konto nicht kann, hier optimieren',

  'account.plan': 'Tarif',
  'account.plan.used': '{used} von {bytes} genutzt',
  'account.plan.no_limit': '{used} genutzt, unbegrenzt',
  'account.plan.left': '{left} übrig',
  'account.plan.renews': 'erneuert sich am {day}',
  'account.plan.meter': 'Genutzter Teil des Tarifs',

  'account.sync': 'Abgleich',
  'account.sync.now': 'Jetzt abgleichen',
  'account.sync.image': 'Bild',
  'account.sync.direction': 'Richtung',
  'account.sync.size': 'Größe',
  'account.sync.state': 'Stand',
  'account.sync.out': 'Dieser Computer → Konto',
  'account.sync.back': 'Konto → dieser Computer',
  'account.sync.none':
    'Noch wurde nichts gesendet. Bilder, die das Konto bearbeiten soll, erscheinen hier.',
  'account.sync.pause': 'Senden anhalten',
  'account.sync.resume': 'Weiter senden',
  'account.sync.paused': 'Das Senden ist angehalten.',
  'account.sync.waiting': {
    one: '{count} Bild unterwegs',
    other: '{count} Bilder unterwegs',
  },
  'account.sync.cancel': '{name} abbrechen',

  'account.item.waiting': 'Wartet',
  'account.item.waiting_network': 'Wartet auf das Netz',
  'account.item.sending': 'Wird gesendet',
  'account.item.sent': 'Eingereiht',
  'account.item.done': 'Fertig',
  'account.item.failed': 'Fehlgeschlagen',
  'account.item.cancelled': 'Abgebrochen',

  'account.synced': 'Stand: {when}',
  'account.synced.now': 'Abgeglichen',
  'account.synced.minutes': 'Stand: vor {n}\u00a0min',
  'account.synced.hours': 'Stand: vor {n}\u00a0h',
  'account.synced.never': 'Kein Abgleich',

  'account.note':
    'Nichts verlässt diesen Computer, außer ein Konto ist verbunden und du wählst es.',
  'account.bar': 'Diese Bilder gehen an das Konto {login}.',
  'account.bar.forecast': 'Sie brauchen etwa {bytes} der übrigen {left}.',
  'account.bar.left': '{left} seines Tarifs sind übrig.',
  'account.bar.over': 'Sie brauchen etwa {bytes}, und nur {left} sind übrig.',
  'account.drag.about': 'etwa {bytes}',
  'account.drag.more': 'mehr als {bytes}',
  'account.drag.left': 'Sie gehen an das Konto {login}: {size} der übrigen {left}.',
  'account.drag.over':
    'Sie bräuchten {size}, und vom Tarif von {login} sind nur {left} übrig. Was darüber hinausgeht, wird dort nicht angenommen.',
  'account.drag.no_limit': 'Sie gehen an das Konto {login}: {size}. Sein Tarif ist unbegrenzt.',
  'account.bar.here': 'Hier optimieren',

  'dashboard.only_six_months': 'Mit einem Konto sind es immer die letzten sechs Monate.',
  'dashboard.where': 'Welche Bilder',
  'dashboard.here': 'Dieser Computer',
  'dashboard.account': 'Konto',
  'dashboard.both': 'Beide',
  'dashboard.sent_months': 'An das Konto gesendet nach Monat und Herkunft',
  'dashboard.sent_chart':
    'Diagramm: in den letzten sechs Monaten an das Konto gesendete Bytes, nach Herkunft',
  'dashboard.both_images_detail': '{here} hier, {there}\u00a0nur\u00a0im\u00a0Konto',
  'dashboard.both_originals': 'Originale',
  'dashboard.both_originals_detail': 'letzte sechs Monate',
  'dashboard.both_saved_detail': 'nur auf diesem Computer',
  'dashboard.both_months': 'Optimiert nach Monat und Herkunft',
  'dashboard.both_chart':
    'Diagramm: Bytes der Originale, die dieser Computer und das Konto in jedem der letzten sechs Monate bearbeitet haben, nach Herkunft',
  'dashboard.both_about':
    'Bilder, die dieser Computer an das Konto gesendet hat, zählen einmal, als seine. Die übrigen des Kontos stammen aus seiner Liste beim letzten Abgleich. Formate, Ordner und die größten Einsparungen sind nur von Bildern dieses Computers bekannt: Sie stehen unter „Dieser Computer“.',
  'dashboard.account_images': 'Bilder',
  'dashboard.account_images_detail': 'jemals vom Konto angenommen',
  'dashboard.account_results': 'Ergebnisse',
  'dashboard.account_results_detail': 'jemals vom Konto fertiggestellt',
  'dashboard.account_used': 'Genutzt',
  'dashboard.account_no_limit': 'unbegrenzt',
  'dashboard.account_of': 'von {bytes}',
  'dashboard.account_plan': 'Tarif',
  'dashboard.account_no_renewal': 'ohne Erneuerung',
  'watched.by_account': 'durch das Konto',
};
