using System.Text;

namespace Virt.Remote.Transports.Processes;

/// <summary>Questions that a program asks on its standard error and whose answers it reads there.</summary>
internal interface IQuestions
{
    /// <summary>Takes the next whole question out of what was said; null when there is none.</summary>
    string? Take(StringBuilder text);

    /// <summary>Finds the answer, a line; null to leave the question unanswered.</summary>
    Task<string?> AnswerAsync(string question);
}
