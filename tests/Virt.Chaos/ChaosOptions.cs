using System.Globalization;

namespace Virt.Chaos;

/// <summary>What is run.</summary>
/// <param name="Daemon">The executable of virtd.</param>
/// <param name="Rounds">How often it is killed.</param>
/// <param name="Seed">Where the choices begin; the same seed makes the same choices, though not the same timing.</param>
/// <param name="Guests">How many domains are worked on at once.</param>
internal sealed record ChaosOptions(string Daemon, int Rounds = 100, int Seed = 1, int Guests = 6)
{
    public const string Usage = "usage: Virt.Chaos --daemon PATH [--rounds 100] [--seed N] [--guests 6]";

    /// <summary>Reads a command line; null when it is wrong.</summary>
    public static ChaosOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new ChaosOptions(string.Empty, Seed: Random.Shared.Next());
        for (int i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count)
                return null;
            string value = arguments[i + 1];
            int number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : -1;
            ChaosOptions? next = (arguments[i], number) switch
            {
                ("--daemon", _) => options with { Daemon = value },
                ("--rounds", > 0) => options with { Rounds = number },
                ("--seed", >= 0) => options with { Seed = number },
                ("--guests", > 0) => options with { Guests = number },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
        }

        return options.Daemon.Length > 0 ? options : null;
    }
}
