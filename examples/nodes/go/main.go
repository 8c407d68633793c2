// A node that sends every request to the first node, which alone holds the data. It is
// linearizable, and nothing works without the first node.
package main

import (
	"bufio"
	"encoding/json"
	"os"
)

type body struct {
	Type      string          `json:"type"`
	MsgID     int             `json:"msg_id,omitempty"`
	InReplyTo int             `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Key       json.RawMessage `json:"key,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	From      json.RawMessage `json:"from,omitempty"`
	To        json.RawMessage `json:"to,omitempty"`
	Code      int             `json:"code,omitempty"`
	Text      string          `json:"text,omitempty"`
}

type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// request is what another node asked for, and whom the answer goes to.
type request struct {
	src   string
	msgID int
}

var (
	me, primary string
	store       = map[string]json.RawMessage{}
	forwarded   = map[int]request{}
	count       int
	out         = json.NewEncoder(os.Stdout)
)

func reply(to string, msgID int, b body) {
	b.InReplyTo = msgID
	out.Encode(message{Src: me, Dest: to, Body: b})
}

// apply does a request on the data of the first node.
func apply(b body) body {
	value, found := store[string(b.Key)]
	switch {
	case b.Type == "write":
		store[string(b.Key)] = b.Value
		return body{Type: "write_ok"}
	case !found:
		return body{Type: "error", Code: 20, Text: "no such key"}
	case b.Type == "read":
		return body{Type: "read_ok", Value: value}
	case string(value) != string(b.From):
		return body{Type: "error", Code: 22, Text: "found " + string(value)}
	default:
		store[string(b.Key)] = b.To
		return body{Type: "cas_ok"}
	}
}

func handle(m message) {
	b := m.Body
	switch b.Type {
	case "init":
		me, primary = b.NodeID, b.NodeIDs[0]
		reply(m.Src, b.MsgID, body{Type: "init_ok"})
	case "read", "write", "cas":
		if me == primary {
			reply(m.Src, b.MsgID, apply(b))
			return
		}
		count++
		forwarded[count] = request{m.Src, b.MsgID}
		b.MsgID = count
		out.Encode(message{Src: me, Dest: primary, Body: b})
	default:
		if asked, found := forwarded[b.InReplyTo]; found && b.InReplyTo > 0 {
			delete(forwarded, b.InReplyTo)
			reply(asked.src, asked.msgID, b)
		} else if b.MsgID > 0 {
			reply(m.Src, b.MsgID, body{Type: "error", Code: 10, Text: "what is " + b.Type})
		}
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<21)
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			continue
		}
		handle(m)
	}
}
