/* The words about the account. */
export const account = {
  'section.account': 'Account',
  'origin.account': 'From the account',

  'account.state.not_connected': 'Not connected',
  'account.state.connecting': 'Connecting…',
  'account.state.bad_token': 'Token not accepted',
  'account.state.no_token': 'Token not at hand',
  'account.state.suspended': 'Suspended',
  'account.state.quota_used_up': 'Plan used up',
  'account.state.offline': 'Offline',
  'account.state.syncing': 'Syncing…',
  'account.state.up_to_date': 'Connected',

  'account.help.bad_token':
    'The server does not accept the token any more. Make a new one there, and connect again.',
  'account.help.no_token':
    'The token cannot be read: the system keychain is locked, or the token is gone from it. Open the keychain and test the connection, or connect again.',
  'account.help.suspended':
    'The server says that this account is suspended. Whoever runs it can open it again. Nothing is sent until then.',
  'account.help.quota_used_up':
    'The plan’s bytes for this period are used up. Images that are to go to the account wait or fail; this computer works as ever.',
  'account.help.offline':
    'The server cannot be reached just now. What is to be sent waits, and goes on by itself.',

  'account.connect.title': 'Connect an account',
  'account.connect.about':
    'Images can be optimized by an account instead of here, and both histories kept in step. Until you connect one and choose it, nothing leaves this computer.',
  'account.endpoint': 'Endpoint',
  'account.endpoint.hint': 'https://api.crush.pics/v1',
  'account.token': 'API token',
  'account.token.keychain': 'in the system keychain',
  'account.token.file': 'in a file only you can read',
  'account.token.environment': 'from the environment',
  'account.token.about': 'It is kept in the system keychain, never in Whittle’s database.',
  'account.allow_http': 'Allow plain HTTP to this computer',
  'account.allow_http.about':
    'For a server on this computer only: plain HTTP can be read on the way.',
  'account.file.title': 'Where may the token be kept?',
  'account.file.about':
    'There is no open keychain on this computer. The token can be kept in a file that only you can read (mode 0600). Whoever can read your files could read it, too.',
  'account.file.yes': 'Keep it in a file',
  'account.connect': 'Connect',
  'account.connecting': 'Connecting…',
  'account.again': 'Connect again…',

  'account.connection': 'Connection',
  'account.name': 'Account',
  'account.test': 'Test connection',
  'account.testing': 'Testing…',
  'account.fine': 'The account answers.',
  'account.disconnect': 'Disconnect',
  'account.disconnected': 'The account was disconnected. What it has, it keeps.',

  'account.defaults': 'Account defaults',
  'account.defaults.about': 'Used when a job names no mode of its own',
  'account.defaults.level': 'Level of {type}',
  'account.where': 'Where to optimize',
  'account.where.here': 'This computer',
  'account.where.account': 'Account',
  'account.own': 'With the account’s own mode and level',
  'account.or_here': 'Where the account cannot, optimize here',

  'account.where.metadata':
    'The account takes copyright and author away, too, unless all metadata is to be kept.',

  'account.plan': 'Plan',
  'account.plan.used': '{used} of {bytes} used',
  'account.plan.no_limit': '{used} used, no limit',
  'account.plan.left': '{left} left',
  'account.plan.renews': 'renews {day}',
  'account.plan.meter': 'Part of the plan that is used',

  'account.sync': 'Sync',
  'account.sync.now': 'Sync now',
  'account.sync.image': 'Image',
  'account.sync.direction': 'Direction',
  'account.sync.size': 'Size',
  'account.sync.state': 'State',
  'account.sync.out': 'This computer → account',
  'account.sync.back': 'Account → this computer',
  'account.sync.none': 'Nothing was sent yet. Images that you let the account work on appear here.',
  'account.sync.pause': 'Pause sending',
  'account.sync.resume': 'Go on sending',
  'account.sync.paused': 'Sending is paused.',
  'account.sync.waiting': { one: '{count} image on its way', other: '{count} images on their way' },
  'account.sync.cancel': 'Cancel {name}',

  'account.item.waiting': 'Waiting',
  'account.item.waiting_network': 'Waiting for network',
  'account.item.sending': 'Sending',
  'account.item.sent': 'Enqueued',
  'account.item.done': 'Completed',
  'account.item.failed': 'Failed',
  'account.item.cancelled': 'Cancelled',

  'account.synced': 'Synced {when}',
  'account.synced.now': 'Synced just now',
  'account.synced.minutes': 'Synced {n} min ago',
  'account.synced.hours': 'Synced {n} h ago',
  'account.synced.never': 'Not synced yet',

  'account.note': 'Nothing leaves this computer unless an account is connected and you choose it.',
  'account.bar': 'These images go to the account {login}.',
  'account.bar.forecast': 'They take about {bytes} of the {left} left.',
  'account.bar.left': '{left} of its plan are left.',
  'account.bar.over': 'They take about {bytes}, and only {left} are left.',
  'account.drag.about': 'about {bytes}',
  'account.drag.more': 'more than {bytes}',
  'account.drag.left': 'They go to the account {login}: {size} of the {left} left.',
  'account.drag.over':
    'They would take {size}, and only {left} are left of the plan of {login}. What goes beyond is not taken there.',
  'account.drag.no_limit': 'They go to the account {login}: {size}. Its plan has no limit.',
  'account.bar.here': 'Optimize here',

  'dashboard.where': 'Which images',
  'dashboard.here': 'This computer',
  'dashboard.account': 'Account',
  'dashboard.both': 'Both',
  'dashboard.sent_months': 'Sent to the account by month and origin',
  'dashboard.sent_chart':
    'Chart: bytes sent to the account in each of the last six months, by origin',
  'dashboard.both_images_detail': '{here} of this computer, {there} only of the account',
  'dashboard.both_originals': 'Originals',
  'dashboard.both_originals_detail': 'bytes of both in the last six months',
  'dashboard.both_saved_detail': 'of this computer’s images; the account does not tell it',
  'dashboard.both_months': 'Optimized by month and origin',
  'dashboard.both_chart':
    'Chart: bytes of originals that this computer and the account worked on in each of the last six months, by origin',
  'dashboard.both_about':
    'Images that this computer sent to the account are counted once, as this computer’s. The account’s others are those of its list when it was last synced. Formats, folders and the biggest savings are known of this computer’s images only: they are shown under This computer.',
  'dashboard.account_images': 'Images',
  'dashboard.account_images_detail': 'ever accepted by the account',
  'dashboard.account_results': 'Results',
  'dashboard.account_results_detail': 'ever completed by the account',
  'dashboard.account_used': 'Used',
  'dashboard.account_no_limit': 'no limit',
  'dashboard.account_of': 'of {bytes}',
  'dashboard.account_plan': 'Plan',
  'dashboard.account_no_renewal': 'no renewal date',
  'watched.by_account': 'by the account',
} as const;
