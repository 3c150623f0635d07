#!/bin/sh
# Stands in for the CLI where a test needs a hundred processes at one time, of which each real one would hold 200 MB: speaks
# the SDK's protocol on stdin and stdout, answers every message with three words, and one that says "hold" never.
while [ $# -gt 0 ]; do
  case "$1" in
    --session-id | --resume) session=$2 ;;
    --session-id=* | --resume=*) session=${1#*=} ;;
    --version) echo "0.0.0 (small)"; exit ;;
  esac
  shift
done
model=claude-haiku-4-5
say() { printf '%s\n' "$1"; }
event() { say "{\"type\":\"stream_event\",\"parent_tool_use_id\":null,\"uuid\":\"00000000-0000-4000-8000-000000000000\",\"session_id\":\"$session\",\"event\":$1}"; }
usage='{"input_tokens":10,"output_tokens":3,"cache_read_input_tokens":0,"cache_creation_input_tokens":0}'
turn() {
  say "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"$session\",\"model\":\"$model\",\"tools\":[],\"mcp_servers\":[]}"
  case "$1" in *hold*) return ;; esac
  event "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"$model\",\"usage\":$usage}}"
  event '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
  event '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"It is done."}}'
  say "{\"type\":\"assistant\",\"parent_tool_use_id\":null,\"uuid\":\"00000000-0000-4000-8000-000000000001\",\"session_id\":\"$session\",\"message\":{\"id\":\"msg_1\",\"content\":[{\"type\":\"text\",\"text\":\"It is done.\"}]}}"
  event '{"type":"content_block_stop","index":0}'
  event "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":$usage}"
  event '{"type":"message_stop"}'
  say "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"session_id\":\"$session\",\"stop_reason\":\"end_turn\",\"result\":\"It is done.\",\"total_cost_usd\":0,\"usage\":$usage,\"duration_ms\":1,\"num_turns\":1}"
}
while IFS= read -r line; do
  case "$line" in
    *'"type":"control_request"'*)
      id=${line#*\"request_id\":\"}
      say "{\"type\":\"control_response\",\"response\":{\"subtype\":\"success\",\"request_id\":\"${id%%\"*}\",\"response\":{\"commands\":[],\"models\":[],\"account\":{\"tokenSource\":\"small\"},\"output_style\":\"default\",\"available_output_styles\":[]}}}" ;;
    *'"type":"user"'*) turn "$line" ;;
  esac
done
