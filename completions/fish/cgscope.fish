# cgscope completion for fish
# SPDX-License-Identifier: LGPL-2.1-or-later
# Made from the option tables by tools/gen-fish: do not edit.

# Prints the verb that was given, "run" for a run without that word.
function __cgscope_verb
    set -l words (commandline -opc)
    if contains -- "$words[2]" run check doctor help attach move set list status stop kill freeze thaw monitor
        echo $words[2]
    else
        echo run
    end
end

# The first word of a run's command as an index into the words before the cursor; fails while
# there are only options.
function __cgscope_command_index
    set -l words (commandline -opc)
    set -l i 2
    test "$words[2]" = run; and set i 3
    while test $i -le (count $words)
        switch $words[$i]
            case --
                echo (math $i + 1)
                return
            case -m --mem --memory --mem-high --mem-low --mem-min --swap --cpu --cpus --cpu-weight -t --tasks --io-weight --io-max --cpuset-cpus --cpuset-mems --oom --time --cpu-time -p --property --in --slice -u --name --unit --prefix --description --backend --warn-at --stop-at --leftovers --signal -k --grace --record --label --expect
                set i (math $i + 1)
            case '-*'
                # The last letter of a cluster may take the next word.
                string match -qr -- '^-[^-mtpuk][^mtpuk]*[mtpuk]$' $words[$i]
                and set i (math $i + 1)
            case '*'
                echo $i
                return
        end
        set i (math $i + 1)
    end
    return 1
end

function __cgscope_in_options
    test (__cgscope_verb) = run; and not __cgscope_command_index >/dev/null
end

function __cgscope_in
    test (__cgscope_verb) = $argv[1]
end

function __cgscope_at_verb
    test (count (commandline -opc)) -eq 1
end

# What the command would be offered by itself.
function __cgscope_command
    set -l words (commandline -opc)
    set -l i (__cgscope_command_index); or set i (math (count $words) + 1)
    set -l line
    test $i -le (count $words); and set line (string escape -- $words[$i..-1])
    complete --do-complete=(string join ' ' -- $line (commandline -ct))
end

function __cgscope_at_command
    test (__cgscope_verb) = run
    and begin
        __cgscope_command_index >/dev/null; or not string match -q -- '-*' (commandline -ct)
    end
end

# Digits, and the units that may follow them.
function __cgscope_units
    set -l digits (string match -r -- '^(?:-[^-]*|--[^=]*=)?([0-9.]*[0-9])' (commandline -ct))
    and string join \n -- $digits[2]$argv
end

function __cgscope_signals
    set -l names (string match -r -- '^[A-Z][A-Z0-9]*$' (kill -l | string split ' '))
    string join \n -- $names SIG$names
end

# The last one of a list of such names.
function __cgscope_list
    set -l before (string match -r -- '^(?:--[^=]*=)?(.*,)?' (commandline -ct))[2]
    string join \n -- "$before"$argv
end

function __cgscope_verdicts
    __cgscope_list refused exec time cpu_time pressure oomd oom tasks signal failed ok
end

function __cgscope_columns
    __cgscope_list name memory tasks cpu pressure age command unit cgroup state manager owner pid swap cpu-max memory-peak tasks-peak
end

function __cgscope_orders
    string join \n -- {,-}{name,memory,tasks,cpu,pressure,age,command,unit,cgroup,state,manager,owner,pid,swap,cpu-max,memory-peak,tasks-peak}
end

function __cgscope_events
    string join \n -- sample tasks memory refused oom oomd pressure failed frozen empty gone fork exec exit
end

# What is before the value.
function __cgscope_thresholds
    set -l before (string match -r -- '^(?:--[^=]*=)?' (commandline -ct))
    string join \n -- "$before"{tasks:,memory:,pressure:cpu:some:,pressure:cpu:full:,pressure:memory:some:,pressure:memory:full:,pressure:io:some:,pressure:io:full:}
end

function __cgscope_slices
    set -l words (commandline -opc)
    set -l manager --user
    if contains -- --system $words; or test (id -u) -eq 0
        set manager --system
    end
    contains -- --user $words; and set manager --user
    systemctl $manager list-units --type=slice --all --full --plain --no-legend --no-pager \
        2>/dev/null | string replace -r ' .*' ''
end

function __cgscope_scopes
    cgscope list --no-headings --output name 2>/dev/null
end

function __cgscope_pids
    string match -r -- '[0-9]+$' /proc/*
end

complete -c cgscope -n __cgscope_at_verb -f
complete -c cgscope -n __cgscope_at_verb -a run -d 'Run a command under limits that hold, and end as it ends'
complete -c cgscope -n __cgscope_at_verb -a check -d 'Show what limits TARGET, and what is wrong with its limits'
complete -c cgscope -n __cgscope_at_verb -a doctor -d 'Test whether this machine is set up for limits'
complete -c cgscope -n __cgscope_at_verb -a help -d 'Print help'
complete -c cgscope -n __cgscope_at_verb -a attach -d 'Put processes that run already into a scope, with their children'
complete -c cgscope -n __cgscope_at_verb -a move -d 'Move processes into a scope that is there'
complete -c cgscope -n __cgscope_at_verb -a set -d 'Change the limits of a scope or a unit that runs'
complete -c cgscope -n __cgscope_at_verb -a list -d 'Show the scopes that cgscope made, with use against limit'
complete -c cgscope -n __cgscope_at_verb -a status -d 'Show all there is to know of one scope'
complete -c cgscope -n __cgscope_at_verb -a stop -d 'End scopes: SIGTERM, and SIGKILL to what is left'
complete -c cgscope -n __cgscope_at_verb -a kill -d 'SIGKILL to the whole of scopes, or another signal to all in them'
complete -c cgscope -n __cgscope_at_verb -a freeze -d 'Stop all processes of scopes where they are'
complete -c cgscope -n __cgscope_at_verb -a thaw -d 'Let frozen scopes go on'
complete -c cgscope -n __cgscope_at_verb -a monitor -d 'Tell of limits that are near or were hit, as it happens'
complete -c cgscope -n '__cgscope_in help' -xa 'run check doctor help attach move set list status stop kill freeze thaw monitor'
complete -c cgscope -n __cgscope_at_command -xa '(__cgscope_command)'
complete -c cgscope -n '__cgscope_in check' -f -a '(__cgscope_slices)'
complete -c cgscope -n '__cgscope_in doctor' -f
complete -c cgscope -n '__cgscope_in attach' -f -a '(__cgscope_pids)'
complete -c cgscope -n '__cgscope_in move' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in set' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in list' -f -a '(__cgscope_slices)'
complete -c cgscope -n '__cgscope_in status' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in stop' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in kill' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in freeze' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in thaw' -f -a '(__cgscope_scopes)'
complete -c cgscope -n '__cgscope_in monitor' -f -a '(__cgscope_scopes)'

complete -c cgscope -n __cgscope_in_options -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless --swap is given'
complete -c cgscope -n __cgscope_in_options -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n __cgscope_in_options -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n __cgscope_in_options -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n __cgscope_in_options -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n __cgscope_in_options -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n __cgscope_in_options -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n __cgscope_in_options -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n __cgscope_in_options -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n __cgscope_in_options -l io-max -rF -d 'I/O on a disk; KEY is rbps, wbps (SIZE), riops or wiops'
complete -c cgscope -n __cgscope_in_options -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n __cgscope_in_options -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n __cgscope_in_options -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n __cgscope_in_options -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n __cgscope_in_options -l cpu-time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after so much CPU time'
complete -c cgscope -n __cgscope_in_options -s p -l property -x -d 'another property of the scope, in systemd\'s words'
complete -c cgscope -n __cgscope_in_options -l user -d 'your own systemd manager makes the scope (default)'
complete -c cgscope -n __cgscope_in_options -l system -d 'the system\'s manager makes it (default for root)'
complete -c cgscope -n __cgscope_in_options -l in -xa '(__cgscope_scopes)' -d 'inside that existing scope, under its limits'
complete -c cgscope -n __cgscope_in_options -l slice -xa '(__cgscope_slices)' -d 'the slice that the scope is put in'
complete -c cgscope -n __cgscope_in_options -s u -l name -l unit -x -d 'the scope\'s name; an error if it is in use'
complete -c cgscope -n __cgscope_in_options -l prefix -x -d 'the scope is named PREFIX-ID (cgscope-COMMAND)'
complete -c cgscope -n __cgscope_in_options -l description -x -d 'what systemd shows for the scope'
complete -c cgscope -n __cgscope_in_options -l backend -xa 'auto nested systemd cgroupfs' -d 'who makes the cgroup (auto)'
complete -c cgscope -n __cgscope_in_options -l best-effort -d 'run even if a limit cannot be enforced; warn'
complete -c cgscope -n __cgscope_in_options -l exec -d 'become the command: same PID, no supervisor'
complete -c cgscope -n __cgscope_in_options -l warn-at -xa '(__cgscope_thresholds)' -d 'a line at tasks:80%, memory:1G, pressure:io:some:9%/2s'
complete -c cgscope -n __cgscope_in_options -l stop-at -xa '(__cgscope_thresholds)' -d 'end the run there, with status 124'
complete -c cgscope -n __cgscope_in_options -l leftovers -xa 'leave kill wait' -d 'processes that outlive the command (leave)'
complete -c cgscope -n __cgscope_in_options -l signal -xa '(__cgscope_signals)' -d 'what a time limit sends first (TERM)'
complete -c cgscope -n __cgscope_in_options -s k -l grace -xa '(__cgscope_units ms s min h)' -d 'from that signal to SIGKILL (5s)'
complete -c cgscope -n __cgscope_in_options -l summary -d 'print what the run used of its limits, at the end'
complete -c cgscope -n __cgscope_in_options -l progress -d 'while it runs: its use, in the terminal\'s last line'
complete -c cgscope -n __cgscope_in_options -l record -rF -d 'verdict and figures to FILE as JSON; - is stdout'
complete -c cgscope -n __cgscope_in_options -l append -d 'add the record to FILE as one more line'
complete -c cgscope -n __cgscope_in_options -l label -x -d 'a label for the record; may be given more than once'
complete -c cgscope -n __cgscope_in_options -l processes -d 'the run\'s processes in the record (CAP_NET_ADMIN)'
complete -c cgscope -n __cgscope_in_options -l expect -xa '(__cgscope_verdicts)' -d 'end with 0 if the verdict is one of these, else with 1'
complete -c cgscope -n __cgscope_in_options -l strict -d '1 instead of 0 after refused forks or an OOM kill'
complete -c cgscope -n __cgscope_in_options -s q -l quiet -d 'no line on how the command ended, no notes'
complete -c cgscope -n __cgscope_in_options -s v -l verbose -d 'say what is done, and why'
complete -c cgscope -n __cgscope_in_options -s h -l help -d 'print help and exit'
complete -c cgscope -n __cgscope_in_options -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in check' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless --swap is given'
complete -c cgscope -n '__cgscope_in check' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in check' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in check' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in check' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in check' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in check' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in check' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in check' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in check' -l io-max -rF -d 'I/O on a disk; KEY is rbps, wbps (SIZE), riops or wiops'
complete -c cgscope -n '__cgscope_in check' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in check' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in check' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in check' -l uid -x -d 'the slice of that user, by name or number'
complete -c cgscope -n '__cgscope_in check' -l worst -d 'every cgroup with less than 10% left of a limit, worst first'
complete -c cgscope -n '__cgscope_in check' -l user -d 'TARGET is a unit of your own manager'
complete -c cgscope -n '__cgscope_in check' -l system -d 'TARGET is a unit of the system\'s manager'
complete -c cgscope -n '__cgscope_in check' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in check' -l color -xa 'auto always never' -d 'colours: on a terminal (auto), or not'
complete -c cgscope -n '__cgscope_in check' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in check' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in doctor' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless --swap is given'
complete -c cgscope -n '__cgscope_in doctor' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in doctor' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in doctor' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in doctor' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in doctor' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in doctor' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in doctor' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in doctor' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in doctor' -l io-max -rF -d 'I/O on a disk; KEY is rbps, wbps (SIZE), riops or wiops'
complete -c cgscope -n '__cgscope_in doctor' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in doctor' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in doctor' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in doctor' -l user -d 'ask for your own manager (default)'
complete -c cgscope -n '__cgscope_in doctor' -l system -d 'ask for the system\'s manager (default for root)'
complete -c cgscope -n '__cgscope_in doctor' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in doctor' -l color -xa 'auto always never' -d 'colours: on a terminal (auto), or not'
complete -c cgscope -n '__cgscope_in doctor' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in doctor' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in help' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in help' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in attach' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless --swap is given'
complete -c cgscope -n '__cgscope_in attach' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in attach' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in attach' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in attach' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in attach' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in attach' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in attach' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in attach' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in attach' -l io-max -rF -d 'I/O on a disk; KEY is rbps, wbps (SIZE), riops or wiops'
complete -c cgscope -n '__cgscope_in attach' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in attach' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in attach' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in attach' -l time -xa '(__cgscope_units ms s min h)' -d 'end the whole group after that time'
complete -c cgscope -n '__cgscope_in attach' -s p -l property -x -d 'another property of the scope, in systemd\'s words'
complete -c cgscope -n '__cgscope_in attach' -l user -d 'your own systemd manager makes the scope (default)'
complete -c cgscope -n '__cgscope_in attach' -l system -d 'the system\'s manager makes it (default for root)'
complete -c cgscope -n '__cgscope_in attach' -l slice -xa '(__cgscope_slices)' -d 'the slice that the scope is put in'
complete -c cgscope -n '__cgscope_in attach' -s u -l name -l unit -x -d 'the scope\'s name; an error if it is in use'
complete -c cgscope -n '__cgscope_in attach' -l prefix -x -d 'the scope is named PREFIX-ID (cgscope-COMMAND)'
complete -c cgscope -n '__cgscope_in attach' -l description -x -d 'what systemd shows for the scope'
complete -c cgscope -n '__cgscope_in attach' -l no-children -d 'leave the processes\' children where they are'
complete -c cgscope -n '__cgscope_in attach' -l force -d 'session leaders, main processes, what is in a scope'
complete -c cgscope -n '__cgscope_in attach' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in attach' -s q -l quiet -d 'do not say what the limits cannot change any more'
complete -c cgscope -n '__cgscope_in attach' -s v -l verbose -d 'say what is done, and why'
complete -c cgscope -n '__cgscope_in attach' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in attach' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in move' -l user -d 'the scope is one of your own systemd manager'
complete -c cgscope -n '__cgscope_in move' -l system -d 'the scope is one of the system\'s manager'
complete -c cgscope -n '__cgscope_in move' -l force -d 'session leaders, main processes, what is in a scope'
complete -c cgscope -n '__cgscope_in move' -s v -l verbose -d 'say what is done, and why'
complete -c cgscope -n '__cgscope_in move' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in move' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in set' -s m -l mem -l memory -xa '(__cgscope_units K M G T)' -d 'memory, and no swap unless --swap is given'
complete -c cgscope -n '__cgscope_in set' -l mem-high -xa '(__cgscope_units K M G T)' -d 'memory above which the command is slowed'
complete -c cgscope -n '__cgscope_in set' -l mem-low -xa '(__cgscope_units K M G T)' -d 'memory that is reclaimed last'
complete -c cgscope -n '__cgscope_in set' -l mem-min -xa '(__cgscope_units K M G T)' -d 'memory that is never reclaimed'
complete -c cgscope -n '__cgscope_in set' -l swap -xa '(__cgscope_units K M G T)' -d 'swap space'
complete -c cgscope -n '__cgscope_in set' -l cpu -l cpus -xa '(__cgscope_units %)' -d 'CPU time: 150% or 1.5 is one and a half CPUs'
complete -c cgscope -n '__cgscope_in set' -l cpu-weight -xa 'idle' -d 'share of CPU time against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in set' -s t -l tasks -xa 'max' -d 'processes and threads'
complete -c cgscope -n '__cgscope_in set' -l io-weight -x -d 'share of I/O against others, 1-10000 (100)'
complete -c cgscope -n '__cgscope_in set' -l io-max -rF -d 'I/O on a disk; KEY is rbps, wbps (SIZE), riops or wiops'
complete -c cgscope -n '__cgscope_in set' -l cpuset-cpus -x -d 'the CPUs it may run on: 0-3,8'
complete -c cgscope -n '__cgscope_in set' -l cpuset-mems -x -d 'the memory nodes it may use'
complete -c cgscope -n '__cgscope_in set' -l oom -xa 'continue kill' -d 'what running out of memory kills: a process, or all'
complete -c cgscope -n '__cgscope_in set' -s p -l property -x -d 'another property of the scope, in systemd\'s words'
complete -c cgscope -n '__cgscope_in set' -l user -d 'the scope is one of your own systemd manager'
complete -c cgscope -n '__cgscope_in set' -l system -d 'the scope is one of the system\'s manager'
complete -c cgscope -n '__cgscope_in set' -l persistent -d 'write it down, for the next boot too; not for scopes'
complete -c cgscope -n '__cgscope_in set' -l reclaim -xa '(__cgscope_units ms s min h)' -d 'how long memory may be made free before it is limited (10s)'
complete -c cgscope -n '__cgscope_in set' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in set' -s q -l quiet -d 'do not say how long it lasts'
complete -c cgscope -n '__cgscope_in set' -s v -l verbose -d 'show the old and the new values'
complete -c cgscope -n '__cgscope_in set' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in set' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in list' -l any -d 'every scope, whoever made it'
complete -c cgscope -n '__cgscope_in list' -l user -d 'only scopes of your own systemd manager'
complete -c cgscope -n '__cgscope_in list' -l system -d 'only scopes of the system\'s manager'
complete -c cgscope -n '__cgscope_in list' -s o -l output -xa '(__cgscope_columns)' -d 'the columns to show; \'-o help\' names them'
complete -c cgscope -n '__cgscope_in list' -l sort -xa '(__cgscope_orders)' -d 'sort by that column (name); -COLUMN: the other way round'
complete -c cgscope -n '__cgscope_in list' -l tree -d 'nested runs below the scope that they are in'
complete -c cgscope -n '__cgscope_in list' -s n -l no-headings -d 'without the line of headings'
complete -c cgscope -n '__cgscope_in list' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in list' -l color -xa 'auto always never' -d 'colours: on a terminal (auto), or not'
complete -c cgscope -n '__cgscope_in list' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in list' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in status' -l user -d 'the scope is one of your own systemd manager'
complete -c cgscope -n '__cgscope_in status' -l system -d 'the scope is one of the system\'s manager'
complete -c cgscope -n '__cgscope_in status' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in status' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in status' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in stop' -l user -d 'only scopes of your own systemd manager'
complete -c cgscope -n '__cgscope_in stop' -l system -d 'only scopes of the system\'s manager'
complete -c cgscope -n '__cgscope_in stop' -l all -d 'every scope that cgscope made for you'
complete -c cgscope -n '__cgscope_in stop' -l failed -d 'clear the scopes of cgscope\'s that failed'
complete -c cgscope -n '__cgscope_in stop' -l force -d 'others\' units as well, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in stop' -l signal -xa '(__cgscope_signals)' -d 'what is sent first (TERM)'
complete -c cgscope -n '__cgscope_in stop' -s k -l grace -xa '(__cgscope_units ms s min h)' -d 'from that signal to SIGKILL (5s)'
complete -c cgscope -n '__cgscope_in stop' -l timeout -xa '(__cgscope_units ms s min h)' -d 'how long it may take until it is so (60s)'
complete -c cgscope -n '__cgscope_in stop' -s v -l verbose -d 'name the scopes'
complete -c cgscope -n '__cgscope_in stop' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in stop' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in kill' -l user -d 'only scopes of your own systemd manager'
complete -c cgscope -n '__cgscope_in kill' -l system -d 'only scopes of the system\'s manager'
complete -c cgscope -n '__cgscope_in kill' -l all -d 'every scope that cgscope made for you'
complete -c cgscope -n '__cgscope_in kill' -l force -d 'others\' units as well, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in kill' -l signal -xa '(__cgscope_signals)' -d 'this signal to every process, and no waiting (KILL)'
complete -c cgscope -n '__cgscope_in kill' -l timeout -xa '(__cgscope_units ms s min h)' -d 'how long it may take until it is so (60s)'
complete -c cgscope -n '__cgscope_in kill' -s v -l verbose -d 'name the scopes'
complete -c cgscope -n '__cgscope_in kill' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in kill' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in freeze' -l user -d 'only scopes of your own systemd manager'
complete -c cgscope -n '__cgscope_in freeze' -l system -d 'only scopes of the system\'s manager'
complete -c cgscope -n '__cgscope_in freeze' -l all -d 'every scope that cgscope made for you'
complete -c cgscope -n '__cgscope_in freeze' -l force -d 'others\' units as well, and what cgscope itself runs in'
complete -c cgscope -n '__cgscope_in freeze' -l timeout -xa '(__cgscope_units ms s min h)' -d 'how long it may take until it is so (60s)'
complete -c cgscope -n '__cgscope_in freeze' -s v -l verbose -d 'name the scopes'
complete -c cgscope -n '__cgscope_in freeze' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in freeze' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in thaw' -l user -d 'only scopes of your own systemd manager'
complete -c cgscope -n '__cgscope_in thaw' -l system -d 'only scopes of the system\'s manager'
complete -c cgscope -n '__cgscope_in thaw' -l all -d 'every scope that cgscope made for you'
complete -c cgscope -n '__cgscope_in thaw' -l timeout -xa '(__cgscope_units ms s min h)' -d 'how long it may take until it is so (60s)'
complete -c cgscope -n '__cgscope_in thaw' -s v -l verbose -d 'name the scopes'
complete -c cgscope -n '__cgscope_in thaw' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in thaw' -s V -l version -d 'print the version and exit'

complete -c cgscope -n '__cgscope_in monitor' -l all -d 'every scope that cgscope made, also those to come'
complete -c cgscope -n '__cgscope_in monitor' -l uid -x -d 'the slice of that user, by name or number'
complete -c cgscope -n '__cgscope_in monitor' -l user -d 'TARGET is a unit of your own manager'
complete -c cgscope -n '__cgscope_in monitor' -l system -d 'TARGET is a unit of the system\'s manager'
complete -c cgscope -n '__cgscope_in monitor' -l warn-at -xa '(__cgscope_thresholds)' -d 'such as tasks:80%, memory:1G, pressure:io:full:10%'
complete -c cgscope -n '__cgscope_in monitor' -l interval -xa '(__cgscope_units ms s min h)' -d 'show what is used that often'
complete -c cgscope -n '__cgscope_in monitor' -l count -x -d 'end after N of these samples'
complete -c cgscope -n '__cgscope_in monitor' -l until -xa '(__cgscope_events)' -d 'end with 0 at an event of that kind, else with 1'
complete -c cgscope -n '__cgscope_in monitor' -l timeout -xa '(__cgscope_units ms s min h)' -d 'end with 124 after that time'
complete -c cgscope -n '__cgscope_in monitor' -l hook -x -d 'run by sh for each event, with its JSON as input'
complete -c cgscope -n '__cgscope_in monitor' -l hook-timeout -xa '(__cgscope_units ms s min h)' -d 'end a hook after that time (30s)'
complete -c cgscope -n '__cgscope_in monitor' -l openmetrics -rF -d 'keep metrics there, for Prometheus\' node_exporter'
complete -c cgscope -n '__cgscope_in monitor' -l processes -d 'forks, execs and exits too (CAP_NET_ADMIN)'
complete -c cgscope -n '__cgscope_in monitor' -l json -d 'print JSON'
complete -c cgscope -n '__cgscope_in monitor' -s v -l verbose -d 'say what is done, and why'
complete -c cgscope -n '__cgscope_in monitor' -s h -l help -d 'print help and exit'
complete -c cgscope -n '__cgscope_in monitor' -s V -l version -d 'print the version and exit'
