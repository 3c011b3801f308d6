# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154,SC2016
# --timeline: a file that is drawn, however short the run is.

test_timelines() {
	need python3
	status=0
	"$fake" --timeline t.svg sh -c 'sleep 0.3' 2>err || status=$?
	expect_status 0
	expect_lines err
	expect_picture t.svg
	"$fake" --timeline t.html --sample 10ms true
	expect_picture t.html
	"$fake" --timeline t.csv true
	sed 1q t.csv >first
	expect_lines first \
		at_usec,memory_bytes,anon_bytes,file_bytes,tasks,cpu_permyriad,memory_some_permyriad
	"$fake" --timeline t.json sh -c 'exit 3' || status=$?
	expect_status 3
	python3 -c 'import json; json.load(open("t.json"))'
}

test_usage_errors_of_timelines() {
	run --timeline t.png true
	expect_usage_error "--timeline: 't.png': expected a name that ends in .svg, .html, .json or\
 .csv"
	run --timeline t.svg --sample 1ms true
	expect_usage_error "--sample: expected 10ms or more"
	run --sample 1s true
	expect_usage_error "'--sample' needs '--timeline'"
	run --exec --timeline t.svg true
	expect_usage_error "'--exec' and '--timeline' exclude each other: no supervisor remains to \
take samples"
	run --timeline /nonexistent/t.svg touch was-run
	expect_status 125
	[[ ! -e was-run ]] || fail "it was run"
}

test_a_timeline_that_cannot_be_written_is_told() {
	ln -s /dev/full t.svg
	"$fake" --timeline t.svg true 2>err
	expect_lines err "cgscope: cannot write the timeline: t.svg: No space left on device"
}
