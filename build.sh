#!/usr/bin/env bash
# Runs a task of the build program, tools/Virt.Build; `./build.sh help` lists them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if ! dotnet --version >/dev/null 2>&1; then
    echo "build.sh: the .NET SDK 10 is needed (global.json names the version) and was not found." >&2
    echo "Install it from https://dotnet.microsoft.com/download, or on Ubuntu: sudo apt-get install dotnet-sdk-10.0" >&2
    exit 1
fi

program=tools/Virt.Build/bin/Release/net10.0/Virt.Build.dll
dotnet msbuild tools/Virt.Build -restore -property:Configuration=Release -nologo -verbosity:quiet
[ "${1:-}" != clean ] || trap 'rm -rf tools/Virt.Build/bin tools/Virt.Build/obj' EXIT
dotnet "$program" "$@"
