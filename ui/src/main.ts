import './styles/tokens.css';
import './styles/base.css';

// The frame in index.html is painted first: everything else takes several times as long. A hidden page paints nothing.
if (document.hidden) void import('./start');
else requestAnimationFrame(() => setTimeout(() => void import('./start')));
