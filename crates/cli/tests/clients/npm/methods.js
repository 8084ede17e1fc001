// Calls every method of the published client but invoices and export, which the contract does not have.
'use strict'

const assert = require('node:assert')
const client = require('@crush-pics/crush-pics')

const [baseUrl, token, file] = process.argv.slice(2)
client.configure({ api_token: token, baseUrl })

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function main() {
  const done = (name) => console.log(`ok ${name}`)

  const first = (await client.account.get()).data.shop
  assert.equal(first.login, 'me')
  done('account.get')

  const changed = await client.account.update({ compression_type: 'lossy', compression_level_jpg: 70 })
  assert.equal(changed.data.shop.compression_level_jpg, 70)
  done('account.update')

  // Its form writes texts only.
  const compressed = await client.original_images.compress({ file, compression_level: '65', strip_tags: 'false' })
  const image = compressed.data.original_image
  assert.equal(image.status, 'completed')
  assert.equal(image.compression_level, 65)
  assert.equal(image.optimized_images[0].style, 'original')
  assert.ok(image.optimized_images[0].size <= image.size)
  done('original_images.compress')

  const queued = (await client.original_images.create({ file, origin: 'api' })).data.original_image
  assert.equal(queued.status, 'enqueued')
  assert.equal(queued.origin, 'api')
  done('original_images.create')

  let found
  do {
    await wait(100)
    found = (await client.original_images.get(queued.id)).data.original_image
  } while (!['completed', 'error'].includes(found.status))
  assert.equal(found.status, 'completed')
  done('original_images.get')

  const list = (await client.original_images.list({ page: 1 })).data
  assert.deepEqual(list.original_images.map(({ id }) => id), [queued.id, image.id])
  assert.equal(list.pagination.total_count, 2)
  done('original_images.list')

  const stats = (await client.dashboard.get({ report_type: 'week' })).data.stats
  assert.equal(stats.original_images_count, 2)
  assert.equal(stats.consumption.type, 'week')
  done('dashboard.get')

  const created = (await client.callback_urls.create({ url: 'https://example.com/webhook' })).data.callback_url
  assert.equal(created.url, 'https://example.com/webhook')
  done('callback_urls.create')

  assert.equal((await client.callback_urls.list()).data.callback_urls[0].id, created.id)
  done('callback_urls.list')

  await client.callback_urls.delete(created.id)
  assert.deepEqual((await client.callback_urls.list()).data.callback_urls, [])
  done('callback_urls.delete')
}

main().catch((error) => {
  console.error(error.response ? JSON.stringify(error.response.data) : error)
  process.exitCode = 1
})
