-- What wrk sends (args: method, file of the body or "") and what it prints: one line of JSON. With a third argument it counts the bodies.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wrk.method = args[1]
  if args[2] ~= "" then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    file:close()
    wrk.headers["Content-Type"] = "application/json"
  end
  bodies = {}
  if args[3] then
    response = function(status, headers, body)
      bodies[body] = (bodies[body] or 0) + 1
    end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local counts = {}
  for _, thread in ipairs(threads) do
    for _, count in pairs(thread:get("bodies")) do
      table.insert(counts, count)
    end
  end
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"errors":%d,"p50":%d,"p99":%d,"counts":[%s]}\n',
    summary.requests, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99), table.concat(counts, ",")))
end
