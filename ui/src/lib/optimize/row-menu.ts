import type { MenuItem } from '../components/Menu.svelte';
import type { JobId } from '../ipc/types';
import { t } from '../messages';
import type { App } from '../state/app.svelte';
import { hasResult, isActive, isRevertible, type Row } from '../state/rows';
import { pictureSnippet } from './snippet';

/** What can be done with these rows, and nothing that cannot. */
export function rowMenu(app: App, ids: readonly JobId[]): MenuItem[] {
  const { queue } = app;
  const rows = ids.flatMap((id) => queue.row(id) ?? []);
  const [first] = rows;
  if (!first) return [];
  const single = rows.length === 1 ? first : null;
  const those = (is: (row: Row) => boolean) => rows.filter(is).map((row) => row.id);
  const items: MenuItem[] = [];
  const add = (ids: readonly JobId[], item: Omit<MenuItem, 'do'>, act: () => Promise<unknown>) => {
    if (ids.length > 0) items.push({ ...item, do: () => void app.notices.attempt(act) });
  };

  const withResult = those(hasResult);
  if (single && withResult.length > 0)
    items.push({
      label: t('action.compare'),
      keys: t('keys.compare'),
      do: () => app.compareRow(single.id),
    });
  if (single)
    items.push({
      label: t('action.reveal'),
      keys: t('keys.enter'),
      do: () => void app.notices.attempt(() => queue.reveal(single.id)),
    });
  if (single && withResult.length > 0)
    items.push({ label: t('action.open'), do: () => void app.openResult(single.id) });

  const ended = those((row) => !isActive(row));
  add(ended, { label: t('action.run_again'), apart: true }, () => app.runAgain(ended));
  const waiting = those((row) => row.status === 'queued' && !row.held);
  add(waiting, { label: t('action.pause') }, () => queue.hold(waiting, true));
  const held = those((row) => row.held);
  add(held, { label: t('action.resume') }, () => queue.hold(held, false));
  const active = those(isActive);
  add(active, { label: t('action.cancel'), apart: ended.length === 0 }, () => queue.cancel(active));
  const revertible = those(isRevertible);
  add(revertible, { label: t('action.revert') }, () => app.revert(revertible));

  const files = t(withResult.length > 1 ? 'action.copy_files' : 'action.copy_file');
  add(withResult, { label: files, apart: true }, () => app.copyFiles(withResult));
  const snippet = single?.report && withResult.length > 0 ? pictureSnippet(single.report) : null;
  if (single && withResult.length > 0) {
    add(withResult, { label: t('action.copy_data_url') }, () => app.copyDataUrl(single.id));
    if (snippet) add(withResult, { label: t('action.copy_snippet') }, () => app.copyText(snippet));
  }

  add(ids, { label: t('action.remove'), keys: t('keys.delete'), apart: true }, () =>
    queue.remove(ids),
  );
  return items;
}

/** What can be done with the file of one derivative: it has no life of its own apart from its row. */
export function childMenu(app: App, id: JobId, child: number): MenuItem[] {
  if (!app.queue.row(id)?.report?.derivatives[child]?.output) return [];
  return [
    {
      label: t('action.compare'),
      keys: t('keys.compare'),
      do: () => app.compareRow(id, child),
    },
    {
      label: t('action.reveal'),
      keys: t('keys.enter'),
      do: () => void app.notices.attempt(() => app.queue.reveal(id, child)),
    },
    { label: t('action.open'), do: () => void app.openResult(id, child) },
    {
      label: t('action.copy_file'),
      apart: true,
      do: () => void app.copyFiles([id], child),
    },
    { label: t('action.copy_data_url'), do: () => void app.copyDataUrl(id, child) },
  ];
}
