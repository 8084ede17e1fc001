import { commands, type Commands, type Connection } from '../ipc/commands';
import type {
  AccountDashboard,
  AccountDefaults,
  AccountState,
  AccountStatus,
  Settings,
  Via,
} from '../ipc/types';

/** What is known while none is connected. */
export const NO_ACCOUNT: AccountStatus = {
  state: 'not_connected',
  message: null,
  endpoint: null,
  login: null,
  token: null,
  plan: null,
  defaults: null,
  synced_at: null,
  paused: false,
  waiting: 0,
  waiting_bytes: 0,
  outbox: [],
};

type AccountCommands = Pick<
  Commands,
  | 'accountStatus'
  | 'accountConnect'
  | 'accountDisconnect'
  | 'accountSync'
  | 'accountDefaults'
  | 'accountPause'
  | 'accountCancel'
  | 'accountDashboard'
>;

/** The account: what is known of it, and what can be done with it. The token is never kept here. */
export class Account {
  #status = $state.raw<AccountStatus>(NO_ACCOUNT);
  #busy = $state<'connecting' | 'testing' | null>(null);
  #dashboard = $state.raw<AccountDashboard | null>(null);
  #ipc: AccountCommands;

  constructor(ipc: AccountCommands = commands) {
    this.#ipc = ipc;
  }

  get status(): AccountStatus {
    return this.#status;
  }

  get isConnected(): boolean {
    return this.#status.state !== 'not_connected';
  }

  /** As the header names it. */
  get state(): AccountState | 'connecting' {
    return this.#busy === 'connecting' ? 'connecting' : this.#status.state;
  }

  get isTesting(): boolean {
    return this.#busy === 'testing';
  }

  get dashboard(): AccountDashboard | null {
    return this.#dashboard;
  }

  /** Bytes of the plan that are left; null when there is no limit, or it is not known. */
  get left(): number | null {
    const plan = this.#status.plan;
    return plan?.bytes == null ? null : Math.max(plan.bytes - plan.used, 0);
  }

  take(status: AccountStatus): void {
    this.#status = status;
  }

  async load(): Promise<void> {
    this.take(await this.#ipc.accountStatus());
  }

  /** Answers whether it must first be asked if the token may be kept in a file. */
  async connect(connection: Connection): Promise<boolean> {
    this.#busy = 'connecting';
    try {
      const { status, needs_file } = await this.#ipc.accountConnect(connection);
      this.take(status);
      return needs_file;
    } finally {
      this.#busy = null;
    }
  }

  async disconnect(): Promise<void> {
    this.take(await this.#ipc.accountDisconnect());
    this.#dashboard = null;
  }

  /** Asks the server. What is wrong is part of the status then. */
  async sync(): Promise<void> {
    this.#busy = 'testing';
    try {
      this.take(await this.#ipc.accountSync());
    } finally {
      this.#busy = null;
    }
  }

  async setDefaults(defaults: AccountDefaults): Promise<void> {
    this.take(await this.#ipc.accountDefaults(defaults));
  }

  async pause(paused: boolean): Promise<void> {
    this.take(await this.#ipc.accountPause(paused));
  }

  async cancel(item: number): Promise<void> {
    this.take(await this.#ipc.accountCancel(item));
  }

  async loadDashboard(): Promise<void> {
    this.#dashboard = await this.#ipc.accountDashboard();
  }
}

/** Where the next images go, if an account is there to take them. */
export function goesToAccount(account: Account, settings: Pick<Settings, 'via'>): boolean {
  return account.isConnected && settings.via.kind === 'account';
}

/** The same place with one thing changed. */
export function viaOf(place: 'here' | 'account', before: Via): Via {
  if (place === 'here') return { kind: 'here' };
  return before.kind === 'account' ? before : { kind: 'account', defaults: false, or_here: true };
}
