"""As much of a search engine as an audit asks of one, for machines without any: python3 search_stub.py PORT INDEX.

Documents are put with PUT /INDEX/_doc/ID, as in the real ones."""

import base64
import http.server
import json
import sys
import urllib.parse

PORT, INDEX = int(sys.argv[1]), sys.argv[2]
WHO = "Basic " + base64.b64encode(b"admin:secret").decode()
DOCUMENTS = {}
SCROLLS = {}


class Engine(http.server.BaseHTTPRequestHandler):
    wbufsize = 65536  # head and body in one packet
    def answer(self, value, code=200):
        body = json.dumps(value).encode() if not isinstance(value, bytes) else value
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hits(self, hits):
        # The source stays digit for digit what was put.
        parts = (b'{"_id":' + json.dumps(key).encode() + b',"_source":' + source + b"}" for key, source in hits)
        return b'{"_scroll_id":"s","hits":{"hits":[' + b",".join(parts) + b"]}}"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if self.headers.get("Authorization") != WHO:
            return self.answer({"error": "who are you"}, 401)
        if path.startswith("/%s/_doc/" % INDEX):
            key = path.split("/_doc/")[1]
            if self.command == "DELETE":
                DOCUMENTS.pop(key, None)
            else:
                DOCUMENTS[key] = body
            return self.answer({})
        if path == "/%s/_search" % INDEX:
            SCROLLS["s"] = sorted(DOCUMENTS.items())
            path = "/_search/scroll"
            body = json.dumps({"size": json.loads(body)["size"]}).encode()
        if path == "/_search/scroll":
            size = json.loads(body or b"{}").get("size", 100)
            page, SCROLLS["s"] = SCROLLS["s"][:size], SCROLLS["s"][size:]
            return self.answer(self.hits(page))
        if path == "/%s/_mget" % INDEX:
            found = []
            for key in json.loads(body)["ids"]:
                source = DOCUMENTS.get(key)
                head = b'{"_id":' + json.dumps(key).encode() + b',"found":'
                found.append(head + (b"false}" if source is None else b'true,"_source":' + source + b"}"))
            return self.answer(b'{"docs":[' + b",".join(found) + b"]}")
        if path == "/%s/_refresh" % INDEX:
            return self.answer({})
        return self.answer({"error": path}, 404)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Engine).serve_forever()
