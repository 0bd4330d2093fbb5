-- SPDX-License-Identifier: Apache-2.0
-- For wrk: each request creates one ConfigMap of its own. wrk -s post.lua URL -- PREFIX
local prefix, number = "", 0

function init(arguments)
    prefix = arguments[1]
end

local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }

function request()
    number = number + 1
    local name = prefix .. number
    local body = '{"resources":[{"name":"' .. name .. '","type":"ConfigMap","properties":{"apiVersion":"v1","kind":"ConfigMap",' ..
        '"metadata":{"name":"' .. name .. '","namespace":"default"},"data":{"greeting":"hello","retries":"5"}}}]}'
    return wrk.format("POST", nil, headers, body)
end
