# Makes of each row "STATUS METHOD PATH[#HEADER=VALUE] BODY" an example that Specmatic sends. $api: the document. The answer of an example is the one that the
# document gives for it; of what has no schema, Specmatic expects the same shape.
def resolved: if has("$ref") then (."$ref" | ltrimstr("#/") | split("/")) as $path | $api[0] | getpath($path) else . end;
def segments: split("/")[1:];
# The form of this path: "/targets/{target}" of "/targets/prod".
def form_of($path): ($path | segments) as $words
    | [$api[0].paths | keys[] | select((segments | length) == ($words | length))
        | select([segments, $words] | transpose | all(.[0] == .[1] or (.[0] | startswith("{"))))]
    | min_by(split("{") | length);
def example: if has("example") then .example elif has("examples") then [.examples[]][0] | resolved | .value else null end;

capture("^(?<status>[0-9]+) (?<method>[A-Z]+) (?<path>[^ ?#]+)(\\?(?<query>[^ #]+))?(#(?<header>[^ =]+)=(?<value>[^ ]+))?( (?<body>.*))?$")
| form_of(.path) as $form
| ($api[0].paths[$form][.method | ascii_downcase].responses[.status] // error("\(.method) \($form) has no \(.status)")) as $promised
| ($promised | resolved) as $answer
| (if .header == "Prefer" then "application/json" else [$answer.content // {} | keys[]] | map(select(test("problem|plain"))) + . | first end) as $type
| {answer: "\(.status) \($promised."$ref" // "\(.method) \($form)" | ltrimstr("#/components/responses/"))",
   "http-request": ({method, path, headers: ({Accept: "application/json, application/problem+json, text/plain"} + if .header then {(.header): .value} else {} end)}
      + (if .query then {query: (.query | capture("^(?<key>[^=]+)=(?<value>.*)$") | [.] | from_entries)} else {} end)
      + (if .body then {body: (.body | fromjson)} else {} end)),
   "http-response": ({status: (.status | tonumber)}
      + (if $type then {headers: {"Content-Type": $type}, body: ($answer.content[$type] | example)} else {} end))}
