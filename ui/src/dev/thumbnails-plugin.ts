import type { Plugin } from 'vite';

/**
 * Serves made-up thumbnails below `/thumb/` while developing without the shell. Every fifth is
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
    },
  };
}

function picture(id: number): string {
  const hue = (id * 67) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
    <rect width="96" height="96" fill="hsl(${hue} 45% 72%)"/>
    <circle cx="68" cy="28" r="10" fill="hsl(${hue + 40} 80% 88%)"/>
    <path d="M0 74 30 42l24 26 16-14 26 24v18H0z" fill="hsl(${hue + 120} 25% 38%)"/>
  </svg>`;
}
