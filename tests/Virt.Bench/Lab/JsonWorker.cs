using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Virt.Bench.Lab;

/// <summary>A program that does one step a line, asked and answered as JSON: <c>{"step":NAME,...}</c>, <c>{"values":[NUMBER...]}</c>.</summary>
internal sealed class JsonWorker : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly string _name;
    private readonly Process _process;
    private readonly Task<string> _errors;

    private JsonWorker(string name, Process process)
    {
        _name = name;
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it; it has said that it is ready, and the numbers with which it says so are given to the caller.</summary>
    public static async Task<(JsonWorker Worker, IReadOnlyList<double> Greeting)> StartAsync(
        string name, string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        var worker = new JsonWorker(name, Process.Start(start)!);
        try
        {
            return (worker, await worker.AnswerAsync(cancel).ConfigureAwait(false));
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Does one step.</summary>
    /// <returns>Its numbers: of what takes time, microseconds.</returns>
    /// <exception cref="BenchException">It failed.</exception>
    public async Task<IReadOnlyList<double>> DoAsync(string step, CancellationToken cancel, params (string Name, JsonNode Value)[] arguments)
    {
        var request = new JsonObject { ["step"] = step };
        foreach ((string name, JsonNode value) in arguments)
            request[name] = value;
        await _process.StandardInput.WriteLineAsync(request.ToJsonString().AsMemory(), cancel).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync(cancel).ConfigureAwait(false);
        return await AnswerAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Closes its input, at which it ends.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task<IReadOnlyList<double>> AnswerAsync(CancellationToken cancel)
    {
        string? line = await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel).ConfigureAwait(false);
        if (line is null)
            throw new BenchException($"{_name} ended: {(await _errors.WaitAsync(cancel).ConfigureAwait(false)).Trim()}");
        try
        {
            JsonNode answer = JsonNode.Parse(line)!;
            return answer["error"] is { } error
                ? throw new BenchException($"{_name}: {error}")
                : [.. answer["values"]!.AsArray().Select(value => value!.GetValue<double>())];
        }
        catch (JsonException)
        {
            throw new BenchException($"{_name} answered with what is no JSON: {line}");
        }
    }
}
