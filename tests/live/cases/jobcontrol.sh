# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2016,SC2154
# At a terminal: what the keyboard sends, and the shell's jobs. In the scripts \$ is for the shell
# at the terminal.

live ctrl_c_arrives_once alice +once +native
ctrl_c_arrives_once() {
	terminal <<-END
		start exec cgscope $LIVE_LIMIT "$helper/log-signals" /dev/stdout 1
		see ready
		key C
		see INT
		never INT
		exit 7
	END
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT "$helper/log-signals" /dev/stdout 1
		see ready
		key \\
		see QUIT
		never QUIT
		see ready>
		type echo status=\$?
		see status=7
		hangup
	END
}

live ctrl_c_ends_the_command_and_cgscope_by_sigint alice +once +native
ctrl_c_ends_the_command_and_cgscope_by_sigint() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'echo up; exec sleep 1000'
		see up
		key C
		see ready>
		type echo status=\$?
		see status=130
		hangup
	END
}

# A shell ends its script only if the command's death by SIGINT is to be seen. (exec: while dash
# starts a program it blocks signals, and one that comes just then is not that program's.)
live ctrl_c_ends_a_script_around_it alice +once +native
ctrl_c_ends_a_script_around_it() {
	terminal <<-END
		start exec bash -c 'cgscope $LIVE_LIMIT sh -c "echo up; exec sleep 1000"; echo not reached'
		see up
		key C
		never reached
		signal 2
	END
}

live ctrl_z_stops_both_and_fg_continues_both alice root +once +native
ctrl_z_stops_both_and_fg_continues_both() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'echo up; read x; echo got \$x; exit 3'
		see up
		key Z
		see Stopped
		see ready>
		type grep State: /proc/\$(jobs -p)/status /proc/\$(pgrep -P \$(jobs -p) -x sh)/status
		see State:\s+[Tt]
		see State:\s+[Tt]
		type fg
		type hello
		see got hello
		see ready>
		type echo status=\$?
		see status=3
		hangup
	END
}

live a_stopped_job_goes_on_in_the_background alice +once +native
a_stopped_job_goes_on_in_the_background() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT perl -e '\$| = 1; \$SIG{CONT} = sub { print "on\n" }; print "up\n"; sleep 1 while 1'
		see up
		key Z
		see Stopped
		see ready>
		type bg
		see on
		type jobs
		see Running
		type kill %1
		see Terminated
		hangup
	END
}

live a_command_that_stops_itself_stops_the_job alice +once +native
a_command_that_stops_itself_stops_the_job() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'kill -STOP \$\$; echo awake; exit 4'
		see Stopped
		type fg
		see awake
		see ready>
		type echo status=\$?
		see status=4
		hangup
	END
}

# The shell tells how the job, whose process is $c, has ended at its next prompt. "wait" would not
# do: while the job is stopped it returns at once, and bash 5.3 forgets one that ends between two.
wait_for_end='while kill -0 $c 2>/dev/null; do sleep 0.1; done'

# $1: words of a shell that print whom SIGCONT is sent to.
expect_both_continued() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'echo \$\$ >pid; kill -STOP \$\$; echo awake; exit 4'
		see Stopped
		see ready>
		type c=\$(jobs -p); whom=\$($1); ( (sleep 1; kill -CONT \$whom) & ); $wait_for_end
		see awake
		see Exit 4
		hangup
	END
}

live sigcont_to_the_command_alone_continues_both alice +once +native
sigcont_to_the_command_alone_continues_both() {
	expect_both_continued 'cat pid'
}

live sigcont_to_cgscope_alone_continues_both alice +once +native
sigcont_to_cgscope_alone_continues_both() {
	expect_both_continued 'jobs -p'
}

live the_death_of_a_stopped_command_ends_cgscope alice +once +native
the_death_of_a_stopped_command_ends_cgscope() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'echo \$\$ >pid; kill -STOP \$\$; echo awake'
		see Stopped
		see ready>
		type c=\$(jobs -p); ( (sleep 1; kill -KILL \$(cat pid)) & ); $wait_for_end
		see Killed
		hangup
	END
}

live it_can_be_stopped_again_and_again alice +once +native
it_can_be_stopped_again_and_again() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c 'while read x; do echo got \$x; done'
		type 1
		see got 1
		key Z
		see Stopped
		type fg
		type 2
		see got 2
		key Z
		see Stopped
		type fg
		type 3
		see got 3
		key D
		see ready>
		hangup
	END
}

live reading_in_the_background_stops_the_job alice +once +native
reading_in_the_background_stops_the_job() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT cat &
		see Stopped
		type fg
		type hello
		see hello
		key D
		see ready>
		type echo status=\$?
		see status=0
		hangup
	END
}

live writing_in_the_background_stops_the_job_after_stty_tostop alice +once +native
writing_in_the_background_stops_the_job_after_stty_tostop() {
	terminal <<-END
		shell
		type stty tostop; cgscope $LIVE_LIMIT echo hel""lo &
		see Stopped
		never hello
		type fg
		see hello
		see ready>
		hangup
	END
}

live a_full_screen_program_can_be_suspended alice +once +native
a_full_screen_program_can_be_suspended() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT "$helper/full-screen"
		see raw
		key Z
		see Stopped
		see ready>
		type stty -a
		see [^-]icanon
		see ready>
		type fg
		see again
		type q
		see ready>
		type stty -a; echo status=\$?
		see [^-]icanon
		see status=0
		hangup
	END
}

# Nobody could continue it: without cgscope the kernel does not let Ctrl-Z stop it either.
live ctrl_z_does_nothing_without_a_shell alice +once +native
ctrl_z_does_nothing_without_a_shell() {
	terminal <<-END
		start exec cgscope $LIVE_LIMIT sh -c 'echo up; read x; echo got \$x'
		see up
		key Z
		pause 0.3
		type hello
		see got hello
		exit 0
	END
}

live an_interactive_shell_has_job_control alice +once +native
an_interactive_shell_has_job_control() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT bash --norc --noprofile --noediting -o notify -i
		see ready>
		type sleep 1000
		pause 0.5
		key Z
		see Stopped +sleep 1000
		see ready>
		type p=\$(jobs -p); kill -KILL %1; while kill -0 \$p 2>/dev/null; do sleep 0.1; done
		see Killed +sleep 1000
		type exit 5
		see exit
		see ready>
		type echo status=\$?
		see status=5
		hangup
	END
}

# Its process group is not cgscope's, and the terminal has to go to the right one.
live a_shell_can_be_suspended alice +once +native
a_shell_can_be_suspended() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT bash --norc --noprofile --noediting -i
		see ready>
		type suspend
		see Stopped .*cgscope
		see ready>
		type fg
		type echo in""side
		see inside
		type exit 5
		see ready>
		type echo status=\$?
		see status=5
		hangup
	END
}

live it_can_be_stopped_under_sudo alice +native
it_can_be_stopped_under_sudo() {
	terminal <<-END
		shell
		type sudo cgscope $LIVE_LIMIT sh -c 'echo up; read x; echo got \$x'
		see up
		key Z
		see Stopped
		see ready>
		type fg
		type hello
		see got hello
		see ready>
		hangup
	END
}

live closing_the_terminal_hangs_up alice +once +native
closing_the_terminal_hangs_up() {
	terminal <<-END
		shell
		type cgscope $LIVE_LIMIT sh -c '(until grep -qs ready log; do sleep 0.1; done; echo up) & exec "$helper/log-signals" log 1'
		see up
		hangup
		signal 1
	END
	until_true has_line log HUP
}
