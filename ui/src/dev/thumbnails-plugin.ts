import type { Plugin } from 'vite';

/**
 * Serves made-up thumbnails below `/thumb/`, and parts of a made-up picture below `/compare/`, while developing without the shell. Every fifth is
 * missing, because missing ones have a look too.
 */
export function fakeThumbnails(): Plugin {
  return {
    name: 'whittle-fake-thumbnails',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use('/thumb', (request, response) => {
        const id = Number(request.url?.split('/').pop());
        if (!Number.isInteger(id) || id % 5 === 0) {
          response.statusCode = 404;
          response.end();
          return;
        }
        response.setHeader('content-type', 'image/svg+xml');
        response.end(picture(id));
      });
      server.middlewares.use('/compare', (request, response) => {
        const [, , side = '', frame, part = '', size = ''] = (request.url ?? '').split('/');
        const [width, height] = size.split(',');
        response.setHeader('content-type', 'image/svg+xml');
        response.end(scene(side, Number(frame), part.replaceAll(',', ' '), width, height));
      });
    },
  };
}

function scene(side: string, frame: number, view: string, width = '', height = ''): string {
  const dark = side.startsWith('difference');
  const [sky, hill] = dark
    ? ['#222', '#333']
    : side === 'original'
      ? ['#8fb7e6', '#41603f']
      : ['#93b8e3', '#456442'];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" width="${width}" height="${height}" preserveAspectRatio="none">
    <path fill="${sky}" d="M200 0h2200v900H200z"/><path fill="${hill}" d="M200 900h2200v900H200z"/>
    <circle cx="${600 + frame * 20}" cy="400" r="160" fill="${dark ? '#ff9614' : '#fff3d0'}"/>
    <text x="700" y="1400" font-size="220" fill="#fff">${side}</text></svg>`;
}

function picture(id: number): string {
  const hue = (id * 67) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
    <rect width="96" height="96" fill="hsl(${hue} 45% 72%)"/>
    <circle cx="68" cy="28" r="10" fill="hsl(${hue + 40} 80% 88%)"/>
    <path d="M0 74 30 42l24 26 16-14 26 24v18H0z" fill="hsl(${hue + 120} 25% 38%)"/>
  </svg>`;
}
