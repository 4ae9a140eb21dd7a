namespace Virt.Fuzz.Engine;

/// <summary>Takes away from an input, in ever smaller pieces, what it does not need to fail.</summary>
internal sealed class Minimiser(Func<byte[], Task<bool>> fails)
{
    private const int MostTries = 3000;

    private int _tries;

    public async Task<byte[]> ReduceAsync(byte[] input)
    {
        for (int piece = Math.Max(1, input.Length / 2); ; piece /= 2)
        {
            for (int at = 0; at < input.Length && _tries < MostTries;)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(input.Length, at + piece)..]];
                _tries++;
                if (await fails(shorter))
                    input = shorter;
                else
                    at += piece;
            }

            if (piece <= 1 || _tries >= MostTries)
                return input;
        }
    }
}
