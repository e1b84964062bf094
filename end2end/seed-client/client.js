// The plain chat client: it does what the idea's one paragraph says, and no more. It must work against Chatter
// for ever; that is why nothing here may be changed to make a test pass.
//
// `window` is a browser's, or anything with its `location`, `document.cookie`, `WebSocket`, `fetch` and `console`.
function mountChat(window) {
  const { location, document, console } = window;
  const chat = { messages: [] };
  const token = () => /(?:^|;\s*)authorization=([^;]*)/.exec(document.cookie)?.[1];

  const socket = new window.WebSocket(location.origin.replace("http", "ws") + "/");
  chat.socket = socket;

  socket.onopen = () => {
    socket.send(JSON.stringify({ op: "IDENTIFY", d: { token: token() } }));
  };

  socket.onmessage = (event) => {
    const { op, d } = JSON.parse(event.data);
    switch (op) {
      case "MESSAGE_CREATE":
        chat.messages.push(d.content);
        break;
      case "ERROR":
        chat.error = d.message;
        socket.close();
        location.href = "/";
        break;
      default:
        console.log("unknown op", op);
    }
  };

  chat.post = async (target_id, content) => {
    const body = new URLSearchParams({ target_id, content });
    const response = await window.fetch(location.origin + "/api/message-post", { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
  };

  return chat;
}
