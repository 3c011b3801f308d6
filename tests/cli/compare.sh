# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034,SC2154,SC2016
# compare, with runs that are made up: what is asked for, told and exported.

run_compare() {
	status=0
	"$fake" compare "$@" >out 2>err </dev/null || status=$?
	args=$*
}

expect_compare_usage() {
	expect_status 2
	expect_lines out
	expect_lines err "cgscope: $1" "Try 'cgscope help compare'"
}

test_help_of_compare_fits_on_a_screen() {
	run help compare
	expect_status 0
	expect_snapshot help-compare
	! grep -E '.{81}' out || fail "more than 80 columns"
}

test_usage_errors_of_compare() {
	run compare
	expect_compare_usage "there is no command to run"
	run compare -m 64M true
	expect_compare_usage "there is one set of limits; give others by a comma list (-m 64M,128M)\
 or after --vs"
	run compare -m 64M,x true
	expect_compare_usage "--mem: 'x': expected a size like 512M, 1.5G, 25% or max"
	run compare -m 64M,128M --reference 3 true
	expect_compare_usage "--reference: '3': expected a number from 1 to 2"
	run compare --vs --seed xyz true
	expect_compare_usage "--seed: 'xyz': expected up to 16 hexadecimal digits"
	run compare --vs --max-slowdown 0.5 true
	expect_compare_usage "--max-slowdown: '0.5': expected a ratio from 1 to 1000, such as 1.5"
	run compare --vs --export x.pdf true
	expect_status 2
	grep -q "^cgscope: --export: 'x.pdf': expected a name that ends in " err || fail "$(<err)"
	run compare --from x.json true
	expect_compare_usage "--from runs nothing: it takes no limits and no command"
	local word
	for word in 0 1001 -1 x 1.5 ''; do
		run compare --vs --rounds "$word" true
		expect_compare_usage "--rounds: '$word': expected a number from 1 to 1000"
	done
}

test_a_comparison_is_a_table() {
	run_compare -m max,512M -n 4 --seed 7f true
	expect_status 0
	expect_lines err
	expect_lines out "4 rounds of 2 sets in random order (--seed 7f), 1 warm-up" "" \
		"SET          PASSED  TIME RATIO                   CPU MEMORY STALLED" \
		"1 no limit      4/4 1.20s reference             983ms   385M      0%" \
		"2 --mem 512M    4/4 1.20s 1.00 (1.00-1.00) same 983ms   385M      0%"
}

test_exports_of_a_comparison() {
	need python3
	run_compare -t max,9 -n 4 --export c.json --export c.csv --export c.md --json \
		--records lines true
	expect_status 0
	expect_lines err
	cmp out c.json
	"$here/validate" "$top/docs/compare.schema.json" <c.json || fail "$(<c.json)"
	"$here/validate" "$top/docs/record.schema.json" <lines || fail "$(<lines)"
	[[ $(wc -l <lines) -eq 10 && $(wc -l <c.csv) -eq 11 ]] || fail "$(wc -l lines c.csv)"
	grep -q '"labels":{"set":"--tasks 9","round":"4"}' lines || fail "$(<lines)"
	python3 -c 'import csv, sys
rows = list(csv.DictReader(open("c.csv")))
assert {row["set"] for row in rows} == {"1", "2"} and rows[0]["warmup"] == "1", rows
assert all(row["wall_usec"] == "1203441" for row in rows), rows'
}

# A file says what its runs said, to the byte.
test_an_exported_comparison_is_shown_again() {
	run_compare -m max,512M --vs --order fixed -n 5 -w 2 --reference 2 --tolerance 3% \
		--export c.json --export c.csv --export c.md true
	expect_status 0
	cp out first
	run compare --from c.json --export again.json --export again.csv --export again.md
	expect_status 0
	expect_lines err
	cmp first out
	cmp c.json again.json
	cmp c.csv again.csv
	cmp c.md again.md
	head -c 1000 c.json >half.json
	run compare --from half.json
	expect_status 1
	expect_lines out
	grep -q "^cgscope: --from: half.json: this is no result of 'compare --export" err ||
		fail "$(<err)"
	run compare --from nowhere.json
	expect_status 1
	expect_lines err "cgscope: --from: cannot read nowhere.json: No such file or directory"
}

test_the_same_seed_is_the_same_order() {
	run_compare --vs --vs --vs -n 10 --seed 7f3a --export a.csv true
	run_compare --vs --vs --vs -n 10 --seed 7f3a --export b.csv true
	run_compare --vs --vs --vs -n 10 --seed 7f3b --export c.csv true
	cut -d, -f1-3 a.csv >a
	cut -d, -f1-3 b.csv | cmp a
	! cut -d, -f1-3 c.csv | cmp -s a || fail "another seed, and the same order"
}

test_a_reference_that_fails_ends_the_comparison() {
	run_compare --vs -n 4 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
			echo line $i >&2; done
		n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; [ "$n" -lt 4 ]'
	expect_status 1
	expect_lines out
	grep -q '^cgscope: compare: the reference (1 no limit) failed: ' err || fail "$(<err)"
	[[ $(grep -cx 'cgscope:   line [0-9]*' err) -eq 10 ]] || fail "$(<err)"
	! grep -qx 'cgscope:   line 2' err || fail "$(<err)"
}

test_hooks_of_compare() {
	run_compare --vs -w 0 -n 2 --order fixed --setup 'echo setup >>log; echo out' \
		--prepare 'echo "prepare $CGSCOPE_SET $CGSCOPE_ROUND" >>log' \
		--conclude 'echo "conclude $CGSCOPE_SET $CGSCOPE_ROUND $CGSCOPE_VERDICT" >>log' \
		--cleanup 'echo cleanup >>log' sh -c 'echo run >>log'
	expect_status 0
	expect_lines err out
	expect_lines log setup \
		"prepare no limit 1" run "conclude no limit 1 ok" \
		"prepare no limit 1" run "conclude no limit 1 ok" \
		"prepare no limit 2" run "conclude no limit 2 ok" \
		"prepare no limit 2" run "conclude no limit 2 ok" \
		cleanup
	run_compare --vs --prepare 'exit 3' --cleanup 'echo cleaned >&2' true
	expect_status 1
	expect_lines out
	expect_lines err \
		'cgscope: compare: the command of --prepare failed with status 3: exit 3' cleaned
}

test_streams_of_compare() {
	echo input >in
	run_compare --vs -w 0 -n 1 --input in --output stream sh -c 'cat; echo error >&2'
	expect_status 0
	expect_lines err
	expect_lines stream input input
	run_compare --vs -w 0 -n 1 --output inherit sh -c 'cat; echo output; echo error >&2'
	expect_lines err error error
	[[ $(grep -c '^output$' out) -eq 2 ]] || fail "$(<out)"
	run_compare --vs -w 0 -n 1 --output pipe sh -c 'yes | head -n 100000'
	expect_status 0
	run_compare --vs --output /nonexistent/x true
	expect_status 1
	expect_lines err "cgscope: compare: cannot open /nonexistent/x: No such file or directory"
}

test_a_slowdown_that_is_shown_fails() {
	cat >slow.py <<-'EOF'
		import json
		c = json.load(open("c.json"))
		for run in c["runs"]:
		    if run["set"] == 2:
		        run["record"]["wall_usec"] *= 2
		json.dump(c, open("slow.json", "w"))
	EOF
	need python3
	run_compare --vs -n 4 --export c.json --max-slowdown 1.5 true
	expect_status 0
	python3 slow.py
	run compare --from slow.json --max-slowdown 1.5
	expect_status 1
	expect_lines err \
		"cgscope: compare: 2 no limit takes at least 2.00 times the time, more than 1.50"
	grep -q '^2: slower than 1: 2.00 times the time (2.00 to 2.00; 95 %)$' out || fail "$(<out)"
	run compare --from slow.json --max-slowdown 2
	expect_status 0
}

test_a_budget_ends_a_comparison() {
	run_compare --vs -w 0 -n 1000 --budget 100ms --export c.json sleep 0.03
	expect_status 0
	grep -q '^not complete, ended in round [1-6] of 1000 rounds of 2' out || fail "$(<out)"
	grep -q '"complete":false' c.json || fail "$(<c.json)"
	[[ $(($(grep -o '"position"' c.json | wc -l) % 2)) -eq 0 ]] || fail "half a round"
}

test_an_export_that_cannot_be_written_is_an_error() {
	ln -s /dev/full full.md
	run_compare --vs -w 0 -n 1 --export full.md true
	expect_status 1
	expect_lines err "cgscope: cannot write the export: full.md: No space left on device"
	grep -q '^1 round of 2 sets' out || fail "$(<out)"
	run_compare --vs -w 0 -n 1 --export /nonexistent/c.json sh -c 'touch was-run'
	expect_status 1
	[[ ! -e was-run ]] || fail "it was run"
}

test_a_command_that_is_not_there_is_not_compared() {
	run_compare --vs ./not-there
	expect_status 1
	expect_lines out
	grep -q '^cgscope: .*not-there' err || fail "$(<err)"
}

# What is complete is printed; nothing else is left.
test_a_signal_ends_a_comparison() {
	local sig
	for sig in TERM HUP; do
		# Under nohup(1) the second would be ignored, as it is to be.
		env --default-signal "$fake" compare --vs -w 0 -n 1000 --export c.json \
			--cleanup 'echo cleaned >cleaned' sleep 0.02 >out 2>err </dev/null &
		sleep 0.5
		kill -$sig $!
		status=0
		wait $! || status=$?
		[[ $status -eq $((128 + $(kill -l $sig))) ]] || fail "$sig: $status" "$(<err)"
		grep -q '^not complete, ended in round ' out || fail "$sig: $(<out)"
		expect_lines cleaned cleaned
		[[ $(echo *.cgscope-* c.json) == '*.cgscope-* c.json' ]] || fail "$(ls)"
		rm cleaned c.json
	done
}

# A picture is well-formed, is seen, loads and runs nothing, and is small, whatever the words are.
expect_picture() {
	local file=$1
	[[ $(stat -c %s "$file") -lt 204800 ]] || fail "$(ls -l "$file")"
	! grep -iE '<script|(href|src)=|url\(|@import' "$file" || fail "$file"
	[[ $file == *.html ]] || ! command -v xmllint >/dev/null || xmllint --noout "$file"
}

test_pictures_of_a_comparison() {
	run_compare -m max,512M,64M -n 12 --export c.svg --export c.html -- \
		sh -c true '</text><script>alert(1)</script>' $'\xff\x01 & "'
	expect_status 0
	expect_lines err
	expect_picture c.svg
	expect_picture c.html
	grep -q 'role="img"' c.svg && grep -q '^<desc id="desc">12 rounds of 3 sets' c.svg
	# Each run in its row, and again against the limit.
	[[ $(grep -c 'class="dot"' c.svg) -eq 72 ]] || fail "$(<c.svg)"
	grep -q "default-src 'none'" c.html || fail "$(<c.html)"
}

test_pictures_are_drawn() {
	need rsvg-convert
	run_compare --vs -n 4 --export c.svg true
	rsvg-convert c.svg -o c.png
	# A blank one of that size is a tenth of it.
	[[ $(stat -c %s c.png) -gt 8000 ]] || fail "$(ls -l c.png)"
}

# A locale with a decimal comma changes no number.
test_pictures_have_no_locale() {
	local name
	name=$(locale -a 2>/dev/null | grep -m 1 -E '^(de|fr|es)_') || skip "no locale with a comma"
	run_compare --vs -n 4 --seed 1 --export a.svg true
	LC_ALL=$name run_compare --vs -n 4 --seed 1 --export b.svg true
	diff <(sed '/metadata/d' a.svg) <(sed '/metadata/d' b.svg)
}

test_several_hosts_are_never_one_heap() {
	need python3
	run_compare --time max,9s -n 4 --export a.json true
	python3 -c 'import json
c = json.load(open("a.json"))
for run in c["runs"]:
    run["record"]["wall_usec"] *= 100 if run["set"] == 1 else 120
c["host"] = "slow"
json.dump(c, open("b.json", "w"))'
	run compare --from a.json --from b.json
	expect_status 0
	expect_lines err
	grep -qx 'b.json, slow:' out || fail "$(<out)"
	tail -n 1 out | grep -q '^2 --time 9s: 1.10 times .* of 2 hosts (1.00 to 1.20)$' ||
		fail "$(<out)"
	run compare --from a.json --from b.json --json
	expect_status 2
}
