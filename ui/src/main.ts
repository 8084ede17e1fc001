import './styles/tokens.css';
import './styles/base.css';

// The frame in index.html is painted first: everything else takes several times as long. While the window is not
// shown nothing is painted, and whether it is shown yet cannot be told for sure.
requestAnimationFrame(() => setTimeout(start));
setTimeout(start, 300);

/** Asked for twice, it is the same. */
function start(): void {
  void import('./start');
}
