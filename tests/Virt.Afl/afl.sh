#!/bin/sh
# Fuzzes frames with afl++ until it is interrupted; options are afl-fuzz's: -V 600 ends it after ten minutes.
# What it finds is in out/afl/findings.
set -eu
cd "$(dirname "$0")/../.."
command -v afl-fuzz >/dev/null || {
    echo "afl.sh: afl-fuzz was not found. On Debian and Ubuntu: sudo apt-get install afl++" >&2
    exit 1
}
folder=out/afl
rm -rf "$folder/program" "$folder/seeds"
mkdir -p "$folder"
dotnet build tests/Virt.Afl -c Release --nologo -v quiet
# A copy is instrumented, by the program that is not.
cp -r tests/Virt.Afl/bin/Release/net10.0 "$folder/program"
dotnet tests/Virt.Afl/bin/Release/net10.0/Virt.Afl.dll instrument "$folder/program"
dotnet tests/Virt.Afl/bin/Release/net10.0/Virt.Afl.dll seeds "$folder/seeds"
# What it starts is dotnet, which is not instrumented itself; a crash is an exception, and needs no core.
export AFL_AUTORESUME=1 AFL_SKIP_BIN_CHECK=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1
# Code is compiled while it runs, so that the first inputs take their time; memory is the runtime's to reserve.
exec afl-fuzz -i "$folder/seeds" -o "$folder/findings" -t 10000 -m none "$@" -- dotnet "$folder/program/Virt.Afl.dll" run
